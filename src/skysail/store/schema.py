"""The tables, as steps from one version of the store to the next: forward only, never changed once released."""

from __future__ import annotations

APPLICATION_ID = 0x534B5953
"""Marks an SQLite file as a skysail store: "SKYS"."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)""",
        """CREATE TABLE resources (
            account TEXT NOT NULL,
            region TEXT NOT NULL,
            name_space TEXT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            number BIGINT NOT NULL,
            document BLOB NOT NULL,
            private BLOB NOT NULL,
            PRIMARY KEY (account, region, name_space, name)
        )""",
        """CREATE INDEX resources_listed ON resources (account, region, kind, number, name)""",
        """CREATE TABLE due (
            at DOUBLE PRECISION NOT NULL,
            resource_id TEXT NOT NULL,
            step TEXT NOT NULL,
            account TEXT NOT NULL,
            region TEXT NOT NULL,
            name_space TEXT NOT NULL,
            name TEXT NOT NULL,
            operation_id TEXT NOT NULL,
            PRIMARY KEY (at, resource_id, step)
        )""",
        """CREATE INDEX due_of_resource ON due (resource_id)""",
        """CREATE TABLE operations (
            account TEXT NOT NULL,
            region TEXT NOT NULL,
            id TEXT NOT NULL,
            number BIGINT NOT NULL,
            resource_name TEXT NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (account, region, id)
        )""",
        """CREATE INDEX operations_listed ON operations (account, region, number, id)""",
        """CREATE INDEX operations_of_resource ON operations (account, region, resource_name, number, id)""",
    ),
    (
        # Keys whose first column is always compared for equality are in order everywhere, also where it is hashed.
        """CREATE TABLE scheduled (
            slot BIGINT NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            resource_id TEXT NOT NULL,
            step TEXT NOT NULL,
            account TEXT NOT NULL,
            region TEXT NOT NULL,
            name_space TEXT NOT NULL,
            name TEXT NOT NULL,
            operation_id TEXT NOT NULL,
            PRIMARY KEY (slot, at, resource_id, step)
        )""",
        """INSERT INTO scheduled (slot, at, resource_id, step, account, region, name_space, name, operation_id)
            SELECT 0, at, resource_id, step, account, region, name_space, name, operation_id FROM due""",
        """DROP TABLE due""",
        """CREATE INDEX scheduled_of_resource ON scheduled (resource_id)""",
    ),
)

VERSION = len(STEPS)
