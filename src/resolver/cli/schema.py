"""`resolver schema`: the JSON Schema of a playbook with the words of this installation."""

from pathlib import Path

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say


def print_schema(out: Path | None, config_path: Path | None) -> int:
    """Print the schema, or write it to a file."""
    import json

    from resolver.playbook.schema import playbook_schema
    from resolver.playbook.vocabulary import Vocabulary

    config = configuration(config_path)
    interfaces = interfaces_of(config)
    library = read_folder(configured_folder(config), interfaces).result.library
    policy = library.policy if library else None
    schema = playbook_schema(Vocabulary.of(interfaces, policy), policy)
    if out is None:
        print_json(schema)
    else:
        out.write_text(json.dumps(schema, indent=2) + "\n", "utf-8")
        say(f"Wrote {out}.", f"First line of a playbook: # yaml-language-server: $schema={out.name}")
    return 0
