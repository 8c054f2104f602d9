"""How long it takes to be told what is wrong with playbooks, and to have them proven.

`python -m benchmarks.language [--folder FOLDER] [--json]` reads every playbook of a folder (by default the starters)
once, lints and proves them, and prints CPU seconds of this process after everything was imported.
"""

import argparse
import gc
import time
from pathlib import Path

from benchmarks.figures import Figures, told
from resolver.connector.manifest import Interfaces, bind
from resolver.connector.registry import read_shelf
from resolver.playbook.library import LibraryResult, load_library
from resolver.proof.findings import findings
from resolver.proof.prover import prove
from resolver.starters import playbooks_folder


def measure(folder: Path) -> Figures:
    """Lint and prove a folder of playbooks; `Malformed` or an assertion if they cannot be compiled."""
    interfaces = _interfaces()
    files = {str(path): path.read_bytes() for path in sorted(folder.glob("*.yaml"))}
    gc.collect()
    began = time.process_time()
    result = _lint(files, interfaces)
    linted = time.process_time()
    library = result.library
    if library is None:
        raise SystemExit("\n".join(f"{one.where}: {one.message}" for one in result.problems))
    proofs = [prove(plan, library.policy) for plan in library.by_playbook.values()]
    proven = time.process_time()
    return {
        "playbooks": len(proofs),
        "lint_s": round(linted - began, 3),
        "prove_s": round(proven - linted, 3),
        "unproven": sum(not proof.holds for proof in proofs),
    }


def _lint(files: dict[str, bytes], interfaces: Interfaces) -> LibraryResult:
    """What `resolver lint` does: compile all, then judge the rules over all combinations."""
    result = load_library(files, interfaces)
    by_name = {Path(path).stem: path for path in result.texts}
    for name, plan in result.library.by_playbook.items() if result.library else ():
        list(findings(plan, by_name[name], result.texts[by_name[name]]))
    return result


def _interfaces() -> Interfaces:
    """Each interface served by the first bundled connector that can."""
    shelf = read_shelf(())
    manifests = {name: found.manifest for name, found in shelf.connectors.items()}
    bindings: dict[str, str] = {}
    for name, manifest in sorted(manifests.items()):
        for interface in manifest.implements:
            bindings.setdefault(interface, name)
    return bind(list(shelf.interfaces.values()), manifests, bindings)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=playbooks_folder())
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    print(told(measure(chosen.folder), as_json=chosen.json))
