# For the tests of scripts; to be sourced. A folder of its own with a space in its name, and checks
# that say what was expected and what came.
set -uo pipefail
repository=$(readlink -f -- "$(dirname -- "${BASH_SOURCE[0]}")/../..")
scratch=$(mktemp -d "${TMPDIR:-/tmp}/gobench test.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT
unset GOBENCH_BUILD_DIR GOBENCH_CMAKE_ARGS GOBENCH_BOOTSTRAP CMAKE_BUILD_PARALLEL_LEVEL
failures=0

# needs COMMAND...: else the test is skipped; running the tests does not take the developer's tools.
needs() {
  local name
  for name in "$@"; do
    command -v "$name" >/dev/null && continue
    echo "skipped: $name is not installed"
    exit 77
  done
}

# run COMMAND...: sets `code`, `out` and `err`.
run() {
  code=0
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
  out=$(<"$scratch/out") err=$(<"$scratch/err")
}

wrong() {
  printf '%s:%s: %s\n  exit %s\n  stdout: %s\n  stderr: %s\n' "${BASH_SOURCE[2]}" "${BASH_LINENO[1]}" \
    "$1" "$code" "$out" "$err"
  failures=$((failures + 1))
}
expect_code() { [[ $code == "$1" ]] || wrong "expected exit $1"; }
expect_out() { [[ $out == $1 ]] || wrong "expected stdout like '$1'"; }
expect_err() { [[ $err == $1 ]] || wrong "expected stderr like '$1'"; }
expect_err_lines() {
  local lines=0
  [[ ! $err ]] || lines=$(wc -l <"$scratch/err")
  [[ $lines == "$1" ]] || wrong "expected $1 lines on stderr, got $lines"
}
expect_true() { "${@:2}" || wrong "$1"; }

finish() {
  ((failures == 0)) || exit 1
  exit 0
}
