# fish completion for skysail
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
