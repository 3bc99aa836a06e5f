#!/bin/sh
# answer.sh SECONDS PROMPT_FILE OUTPUT_FILE: reads a question, thinks, writes an answer.
set -eu
seconds=$1
question=$(cat "$2")

# Longer questions take a little longer, so that tests do not end in step.
sleep "$seconds"
[ $((${#question} % 3)) -ne 0 ] || sleep "$seconds"

set -f
# shellcheck disable=SC2086 # the words of the question are wanted one by one
set -- $question "$3"
answer="I do not know."
while [ $# -gt 3 ]; do
  case $2 in
    +) answer=$(($1 + ${3%\?})) && break ;;
    # Carrying a digit is beyond this agent.
    x) answer=$(($1 * ${3%\?})) && [ "$answer" -lt 100 ] || answer="about $((answer / 10 * 10))"; break ;;
    in) word=${3%\?} && answer=${#word} && break ;;
  esac
  shift
done
while [ $# -gt 1 ]; do shift; done

printf '{"text": "%s", "token_usage": {"input": %d, "output": %d}, "cost_usd": 0.0%d}\n' \
  "$answer" "${#question}" "${#answer}" "$((${#answer} + 10))" >"$1"
