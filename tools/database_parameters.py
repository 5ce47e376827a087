"""What a running PostgreSQL says otherwise than service/facts/database_parameters.json.

    python tools/database_parameters.py URL...

For a new major version: which of its settings the facts do not have, and which figures differ. What Amazon RDS is seen
to answer goes before what a server says; such parameters, and the settings that it does not offer, are named here.
Descriptions and defaults are for people to write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import psycopg

from skysail.service.catalogue import Catalogue

# What no answer for postgres14 has, and what is like it in the other versions. (extension_destdir is Debian's.)
NOT_OFFERED = re.compile(
    r"allow_(alter_system|system_table_mods)|archive_cleanup_command|bonjour.*|cluster_name|data_sync_retry"
    r"|debug_(discard_caches|io_direct|logical_replication_streaming)|dynamic_(library_path|shared_memory_type)"
    r"|event_source|extension_.*|external_pid_file|file_extend_method|gss_accept_delegation|ignore_checksum_failure"
    r"|ignore_system_indexes|jit_(debugging_support|dump_bitcode|expressions|profiling_support|provider)"
    r"|jit_tuple_deforming|krb_.*|local_preload_libraries|oauth_.*|plpgsql\..*|primary_.*|promote_trigger_file"
    r"|recovery_(end_command|min_apply_delay|target.*)|restore_command|restrict_nonsystem_relation_kind|send_abort_.*"
    r"|shared_memory_type|ssl_(crl_.*|dh_params_file|ecdh_curve|groups|passphrase_.*|prefer_server_.*|tls13_ciphers)"
    r"|synchronous_standby_names|syslog_(ident|sequence_numbers|split_messages)|timezone_abbreviations"
    r"|trace_(connection_negotiation|notify|recovery_messages|sort)|transaction_(deferrable|isolation|read_only)"
    r"|wal_(init_zero|log_hints)|zero_damaged_pages"
)
SEEN_OTHERWISE = re.compile(
    r"archive_timeout|autovacuum_(max_workers|work_mem)|checkpoint_timeout|default_toast_compression"
    r"|(effective|maintenance)_io_concurrency|log_(destination|rotation_age|rotation_size)|max_(connections|wal_.*)"
    r"|max_(files_per_process|prepared_transactions|replication_slots|worker_processes)|min_wal_size|port"
    r"|(session|shared)_preload_libraries|ssl_max_protocol_version|superuser_reserved_connections|synchronous_commit"
    r"|timezone|vacuum_(multixact_)?failsafe_age|wal_(compression|receiver_timeout|sender_timeout)"
)
_SETTINGS = "SELECT name, context, vartype, min_val, max_val, enumvals FROM pg_settings WHERE context <> 'internal'"
_TYPES = {"bool": "boolean", "integer": "integer", "real": "float", "string": "string", "enum": "string"}


def differences(connection: psycopg.Connection) -> Iterator[str]:
    """One line for each setting of a server that the facts do not have so."""
    version = str(connection.info.server_version // 10000)
    known = {one["parameterName"]: one for one in Catalogue().database_parameters("postgres", version)}
    for name, context, kind, least, most, values in connection.execute(_SETTINGS):
        shown = name if name in known else name.lower()  # DateStyle, TimeZone
        if shown not in known:
            if not NOT_OFFERED.fullmatch(name):
                yield f"{version}: {name} is not known"
            continue
        allowed = {"bool": "0,1", "enum": ",".join(values or ()), "string": None}.get(kind, f"{least}-{most}")
        apply_type = "static" if context == "postmaster" else "dynamic"
        for member, said in (("dataType", _TYPES[kind]), ("allowedValues", allowed), ("applyType", apply_type)):
            if not SEEN_OTHERWISE.fullmatch(shown) and known[shown].get(member) != said:
                yield f"{version}: {shown} has {member} {known[shown].get(member)}, and the server says {said}"


def main(urls: list[str]) -> int:
    found = 0
    for url in urls:
        with psycopg.connect(url) as connection:
            for line in differences(connection):
                found += 1
                print(line)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
