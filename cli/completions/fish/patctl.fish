# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for patctl, which says itself what may come next (cli/command/completion.h).
function __patctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':users'
                __fish_complete_users
            case '*'
                echo $line
        end
    end
end
complete -c patctl -f -a '(__patctl_complete)'
