#!/usr/bin/env bash
# A fresh clone in an empty folder passes the README's two commands: `npm ci && npm start`, then a share of `npm test`.
# Run by the current user and, when that is root, by an ordinary user as well.
#
#   scripts/fresh-clone.sh          a share of the tests
#   scripts/fresh-clone.sh --full   all of them
#
# It uses the node and npm of the PATH, as somebody does who has just cloned; `npm ci` brings the Node that Sluse runs on.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
share=(test/store test/embedded test/journeys/no-consent-no-exchange.test.ts)
[ "${1:-}" = --full ] && share=()
start_patience=180
stop_patience=20

# The project's own tools must not help: the PATH without any node_modules.
path="$(tr : '\n' <<<"$PATH" | grep -v node_modules | paste -sd :)"

work="$(mktemp -d "${TMPDIR:-/tmp}/sluse-fresh-XXXXXX")"
chmod 755 "$work"
trap 'end_all; rm -rf "$work"' EXIT

# What works in our folder, or has it in its arguments: npm, node, PostgreSQL and its watchdog.
family() {
  local proc
  for proc in /proc/[0-9]*; do
    [ "${proc#/proc/}" = $$ ] && continue
    if [[ "$(readlink "$proc/cwd" 2>/dev/null)" == "$1"* ]] || tr '\0' '\n' 2>/dev/null <"$proc/cmdline" | grep -qF "$1"; then
      grep -qE '^State:\s+[ZX]' "$proc/status" 2>/dev/null || echo "${proc#/proc/}"
    fi
  done
}

end_all() {
  local pid
  for pid in $(family "$work/"); do kill -9 "$pid" 2>/dev/null || true; done
}

fail() {
  echo "fresh clone: FAILED: $*" >&2
  exit 1
}

# Waits for a condition, so many seconds at most.
until_true() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.1
  done
}

told() { grep -q '^  the log:' "$1" || ! kill -0 "$2" 2>/dev/null; }
gone() { ! kill -0 "$1" 2>/dev/null && [ -z "$(family "$2")" ]; }

# One user's turn. $1: its name; the rest: how a command becomes that user's, nothing for ourselves.
turn() {
  local user="$1" folder="$work/$1" began=$SECONDS npm
  shift
  mkdir -p "$folder/home"
  git -c safe.directory='*' clone -q "file://$root" "$folder/sluse"
  [ $# = 0 ] || chown -R "$user" "$folder"
  # Nothing of our environment but what the network needs, and ports that nobody has.
  local clean=(env -i -C "$folder/sluse" "PATH=$path" "HOME=$folder/home" "LANG=C.UTF-8" SLUSE_PORT=0 SLUSE_SANDBOX_PORT=0)
  while IFS= read -r variable; do clean+=("$variable"); done < <(env | grep -iE '^(npm_config_|https?_proxy=|no_proxy=|NODE_EXTRA_CA_CERTS=|SSL_CERT_)' || true)

  "$@" "${clean[@]}" npm ci >"$folder/npm-ci.log" 2>&1 || { tail -n 20 "$folder/npm-ci.log" >&2; fail "$user: npm ci"; }
  local installed=$((SECONDS - began))

  began=$SECONDS
  "$@" "${clean[@]}" npm start >"$folder/start.log" 2>&1 &
  npm=$!
  until_true "$start_patience" told "$folder/start.log" "$npm" || fail "$user: npm start told no story in $start_patience s"
  kill -0 "$npm" 2>/dev/null || { cat "$folder/start.log" >&2; fail "$user: npm start ended"; }
  grep -q '^ 11  ' "$folder/start.log" || { cat "$folder/start.log" >&2; fail "$user: the story has no end"; }
  local told_after=$((SECONDS - began))
  kill -TERM "$npm"
  until_true "$stop_patience" gone "$npm" "$folder/sluse" || fail "$user: still running after SIGTERM to npm: $(family "$folder/sluse" | tr '\n' ' ')"
  grep -q '^stopped$' "$folder/start.log" || { tail -n 3 "$folder/start.log" >&2; fail "$user: the stop was not clean"; }

  began=$SECONDS
  "$@" "${clean[@]}" npm test -- "${share[@]}" >"$folder/test.log" 2>&1 || { tail -n 60 "$folder/test.log" >&2; fail "$user: npm test"; }
  local counts left
  counts="$(tail -n 5 "$folder/test.log" | grep -E '^[0-9]+ passed')"
  left="$(git -c safe.directory='*' -C "$folder/sluse" status --porcelain)"
  [ -z "$left" ] || fail "$user: the commands left something behind: $left"
  echo "fresh clone: $user: npm ci ${installed} s, story told after ${told_after} s, stopped by SIGTERM with nothing left, tests in $((SECONDS - began)) s: $counts"
}

echo "fresh clone: $(git -c safe.directory='*' -C "$root" log -1 --format='%h %s'); node $(PATH="$path" node --version), npm $(PATH="$path" npm --version)"
turn "$(id -un)"
if [ "$(id -u)" = 0 ]; then
  # `nobody` is on every machine; its HOME is made here.
  turn nobody setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --
fi
echo 'fresh clone: passed'
