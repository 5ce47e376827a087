"""`skysail completion`: the script that makes a shell complete skysail's words, and what that script asks."""

from __future__ import annotations

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen

HELP = """
  skysail completion bash > ~/.local/share/bash-completion/completions/skysail
  skysail completion zsh > ~/.zfunc/_skysail        fpath+=(~/.zfunc), compinit
  skysail completion fish > ~/.config/fish/completions/skysail.fish
  source <(skysail completion bash)                 for this shell alone

  commands, options and their values; profiles; regions, zones, bundles and
  blueprints from the built-in catalogue; instances by the names of the last
  listing, if that was in the same profile and region and less than ten minutes
  ago. Nothing is asked over the network.

  SHELL   bash, zsh or fish
  -q  -v  --color auto|always|never  --debug
"""

BASH = r"""# bash completion for skysail
_skysail() {
    local IFS=$'\n' line
    COMPREPLY=()
    while read -r line; do
        if [[ $line == :files ]]; then
            compopt -o filenames 2>/dev/null
            COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}"))
        else
            COMPREPLY+=("$line")
        fi
    done < <(skysail completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _skysail skysail
"""

ZSH = r"""#compdef skysail
# zsh completion for skysail
_skysail() {
    local -a found
    found=("${(@f)$(skysail completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ $found[1] == :files ]]; then
        _files
    elif [[ -n $found[1] ]]; then
        compadd -a found
    fi
}
if [[ $funcstack[1] == _skysail ]]; then
    _skysail "$@"
else
    compdef _skysail skysail
fi
"""

FISH = r"""# fish completion for skysail
function __skysail_complete
    set -l words (commandline -opc)
    set -l piece (commandline -ct)
    set -l found (skysail completion fish -- $words[2..] "$piece" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$piece"
    else
        printf '%s\n' $found
    end
end
complete -c skysail -f -a '(__skysail_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.command("completion", cls=Command, help=HELP)
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SCRIPTS)))
@click.argument("words", metavar="[WORD]", nargs=-1, type=click.UNPROCESSED)
@look_options
@click.pass_obj
def command(invocation: Invocation, shell: str, words: tuple[str, ...]) -> int:
    """With words, which the scripts alone give: the last is the piece at the cursor."""
    if not words:
        Screen(invocation).write(SCRIPTS[shell])
        return Status.DONE
    from skysail.cli.completing import Completion, rejoined  # late: the script itself needs none of it

    *before, piece = rejoined(words) if shell == "bash" else words
    completion = Completion(invocation.environ, invocation.world.now())
    found = completion.candidates(before, piece)
    if shell == "bash":  # it puts a candidate in the place of what stands behind the last = or :
        known = len(piece) - len(words[-1].lstrip("=:") if words[-1] in ("=", ":") else words[-1])
        found = [one if one.startswith(":") else one[known:] for one in found]
    Screen(invocation).write("".join(f"{one}\n" for one in found))
    return Status.DONE
