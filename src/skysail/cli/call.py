"""`skysail call`: any operation of the API by its name, with its members as key=value."""

from __future__ import annotations

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, connection_options, look_options
from skysail.cli.screen import Screen

HELP = """
  skysail call GetBundles includeInactive=true --query "bundles[].bundleId"
  skysail call get-instance instanceName=web-1
  skysail call CreateInstances instanceNames=web-1,web-2 bundleId=nano_3_0 \\
      blueprintId=debian_12 availabilityZone=us-east-1a 'tags={"key": "x"}'
  skysail call PutInstancePublicPorts --json '{"instanceName": "web-1", ...}'

what
  Operation         by the API's name; get-instance, get_instance do too
  key=value ...     a member: text, number, true or false; of a list: values
                    with commas, or the key again; of a structure: JSON
  --json OBJECT     members as one JSON object, beside key=value

where
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)

how it looks
  --query JMESPATH  a part of the answer, as in the AWS CLI
  -o json           errors are JSON too
  -q  -v  --color auto|always|never  --debug
"""


@click.command("call", cls=Command, help=HELP)
@click.argument("operation", metavar="Operation")
@click.argument("members", metavar="key=value", nargs=-1)
@click.option("--json", "document", metavar="OBJECT")
@connection_options
@click.option("-o", "--output", type=click.Choice(["json"]))
@click.option("--query")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    operation: str,
    members: tuple[str, ...],
    document: str | None,
    region: str | None,
    profile: str | None,
    endpoint: str | None,
    output: str | None,
    query: str | None,
) -> int:
    # Late: the service model is not needed to show help.
    from skysail.cli.call_arguments import arguments_of, operation_named
    from skysail.cli.explanations import told_with
    from skysail.cli.listings import compiled_query
    from skysail.cli.rendering import json_text, jsonable
    from skysail.cli.whereabouts import place_of

    named = operation_named(operation)
    arguments = arguments_of(named, members, document)
    search = None if query is None else compiled_query(query)
    client = invocation.connect(region_name=region, profile_name=profile, endpoint_url=endpoint)
    place = place_of(client.meta.config, profile, invocation.environ)
    with told_with(place.in_error, place.profile):
        answer = getattr(client, named.method)(**arguments)
    del answer["ResponseMetadata"]
    shown = jsonable(answer)
    Screen(invocation).write(f"{json_text(shown if search is None else search(shown))}\n")
    return Status.DONE
