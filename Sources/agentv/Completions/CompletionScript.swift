// The scripts that ArgumentParser makes, taught that `run` may be left out after `eval`: its words
// are put in before the script looks at them, as `ArgumentRewriting` does for the command itself.

import ArgumentParser

/// Completion scripts as they are printed.
enum CompletionScript {
  /// Names of the commands below `eval`.
  private static var subcommands: [String] {
    EvalCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// A script in which `agentv eval` completes what `agentv eval run` takes as well.
  /// - Parameters:
  ///   - script: as ArgumentParser makes it.
  ///   - shell: its shell.
  /// - Returns: the script, a newline at its end.
  static func text(_ script: String, shell: CompletionsCommand.Shell) -> String {
    let text =
      switch shell {
      case .bash: bash(script)
      case .zsh: zsh(script)
      case .fish: fish(script)
      }
    return text.hasSuffix("\n") ? text : text + "\n"
  }

  private static func bash(_ script: String) -> String {
    script + """


      # `run` may be left out after `eval`.
      _agentv_without_run() {
          local -r names='\(subcommands.joined(separator: " "))'
          if [[ "${COMP_WORDS[1]}" != eval || "${COMP_CWORD}" -lt 2 ]] \\
              || [[ "${COMP_CWORD}" -gt 2 && " ${names} help -h --help " == *" ${COMP_WORDS[2]} "* ]]; then
              _agentv "${@}"
              return
          fi
          local -r is_first="$((COMP_CWORD == 2))" word="${2}"
          local -r before="$([[ "${COMP_CWORD}" -eq 2 ]] && printf run || printf %s "${3}")"
          local -a COMP_WORDS=("${COMP_WORDS[@]:0:2}" run "${COMP_WORDS[@]:2}")
          local -i COMP_CWORD="$((COMP_CWORD + 1))" COMP_POINT="$((COMP_POINT + 4))"
          local COMP_LINE="${COMP_LINE/ eval / eval run }"
          _agentv "${1}" "${2}" "${before}"
          if [[ "${is_first}" -eq 1 ]]; then
              COMPREPLY+=($(compgen -W "${names}" -- "${word}"))
          fi
      }

      complete -o filenames -F _agentv_without_run agentv
      """
  }

  private static func zsh(_ script: String) -> String {
    let renamed = script.replacingFirst(
      "\n_agentv() {", with: "\n_agentv_commands() {")
    guard let end = renamed.firstRange(of: "\nif [[ \"${funcstack[1]}\" = _agentv ]]") else {
      return script
    }
    return renamed[..<end.lowerBound] + """

      # `run` may be left out after `eval`.
      _agentv() {
          local -ar names=(\(subcommands.joined(separator: " ")))
          if [[ "${words[2]}" != eval ]] || (( CURRENT < 3 )) \\
              || (( CURRENT > 3 && ${names[(Ie)${words[3]}]} )); then
              _agentv_commands "${@}"
              return
          fi
          local -i ret=1
          (( CURRENT == 3 )) && _describe -V subcommand names && ret=0
          words=("${(@)words[1,2]}" run "${(@)words[3,-1]}")
          (( CURRENT += 1 ))
          _agentv_commands "${@}" && ret=0
          return "${ret}"
      }

      """ + renamed[end.lowerBound...]
  }

  private static func fish(_ script: String) -> String {
    let head = "        case 'eval'\n"
    guard let start = script.firstRange(of: head),
      let end = script[start.upperBound...].firstIndex(of: "\n")
    else { return script }
    let names = subcommands.joined(separator: " ")
    let offers = EvalCommand.configuration.subcommands.map { command in
      "complete -c 'agentv' -n '__agentv_should_offer_completions_for_positional "
        + "\"agentv eval run\" -eq 1; and test (count (__agentv_tokens -pc)) -eq 2' "
        + "-fa '\(command.configuration.commandName ?? "")' -d '\(command.configuration.abstract)'"
    }
    return script[...end] + """
                  # `run` may be left out.
                  if not contains -- "$unparsed_tokens[1]" \(names)
                      set -p unparsed_tokens run
                  end

      """ + script[script.index(after: end)...] + "\n" + offers.joined(separator: "\n")
  }
}

extension String {
  /// The text with the first occurrence of a part replaced.
  fileprivate func replacingFirst(_ part: String, with new: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return self[..<range.lowerBound] + new + self[range.upperBound...]
  }
}
