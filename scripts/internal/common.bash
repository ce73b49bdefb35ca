# Shared by the scripts; to be sourced. Sets `root`, the repository, whatever directory or symlink
# the caller came through.
root=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${root%/scripts/internal/common.bash}

# What one clone has compiled serves the others: ccache compares files by their place in the clone. (So the debug
# information of an object may name the clone that compiled it.)
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

# The exit codes are those of the gobench command itself.
readonly exit_usage=2 exit_environment=4 exit_bug=5

say() { printf 'gobench: %s\n' "$*" >&2; }

# fail CODE SENTENCE
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# run_hidden WHAT COMMAND...: runs the command with its output hidden. WHAT is said once it takes
# longer than a moment; on a terminal ninja's [done/all] follows on the same line. The output goes
# to $hidden_log, and to stderr when the command fails, whose exit code is returned.
hidden_log=
run_hidden() {
  local what=$1 status=0
  shift
  [[ $hidden_log ]] || hidden_log=$(mktemp)
  { "$@" 2>&1 </dev/null || exit $?; } | show_progress "$what" >"$hidden_log" || status=${PIPESTATUS[0]}
  ((status == 0)) || cat -- "$hidden_log" >&2
  return "$status"
}

# Copies stdin to stdout; see run_hidden.
show_progress() {
  local what=$1 said='' line part=''
  local -i got=0 started=${EPOCHREALTIME/[.,]/}
  while ((got == 0 || got > 128)); do  # above 128: the time limit of read
    got=0
    IFS= read -r -t 0.4 line || got=$?
    part+=$line
    if [[ ! $said ]] && ((${EPOCHREALTIME/[.,]/} - started > 350000)); then
      said=yes
      if [[ -t 2 ]]; then printf 'gobench: %s' "$what" >&2; else say "$what"; fi
    fi
    ((got == 0)) || continue
    if [[ $said && -t 2 && $part =~ ^\[[0-9]+/[0-9]+\] ]]; then
      printf '\rgobench: %s %s' "$what" "${BASH_REMATCH[0]}" >&2
    fi
    printf '%s\n' "$part"
    part=
  done
  [[ ! $part ]] || printf '%s\n' "$part"
  [[ ! $said || ! -t 2 ]] || printf '\n' >&2
}
trap '[[ ! $hidden_log ]] || rm -f -- "$hidden_log"' EXIT

# Interrupted means ended by that signal, and not that what was interrupted has failed.
trap 'trap - INT; kill -INT $$' INT

# install_missing SET: what bootstrap installs for running, testing or CI.
install_missing() {
  [[ ${GOBENCH_BOOTSTRAP:-on} == off ]] && return
  "$root/scripts/bootstrap" --quiet --for "$1" || exit $?
}

# build_preset PRESET TESTS(ON|OFF) [TARGET...]: configures where needed and builds, one caller at
# a time. Sets `build_dir`. With further arguments in GOBENCH_CMAKE_ARGS it configures every time.
build_preset() {
  local preset=$1 tests=$2 cache configured='' home='' has_tests=''
  local -a fresh=() more=()
  shift 2
  read -r -a more <<<"${GOBENCH_CMAKE_ARGS:-}"
  build_dir=${GOBENCH_BUILD_DIR:-$root/build/$preset}
  { mkdir -p -- "$build_dir" && : >>"$build_dir/.lock"; } 2>/dev/null ||
    fail $exit_environment "cannot write to $build_dir: make it writable or set GOBENCH_BUILD_DIR to another folder."
  build_dir=$(readlink -f -- "$build_dir")
  exec 9>>"$build_dir/.lock"
  if ! flock -n 9; then
    say "waiting for another build in $build_dir"
    flock 9
  fi

  cache=$build_dir/CMakeCache.txt
  if [[ -f $cache && -f $build_dir/build.ninja ]]; then
    local line
    while IFS= read -r line; do
      case $line in
        CMAKE_HOME_DIRECTORY:INTERNAL=*) home=${line#*=} ;;
        GOBENCH_TESTS:BOOL=ON) has_tests=yes ;;
      esac
    done <"$cache"
    if [[ $home != "$root" ]]; then
      fresh=(--fresh)  # the clone was moved or copied; the cache has the old paths
    elif [[ $tests == OFF || $has_tests ]] && ((${#more[@]} == 0)); then
      configured=yes
    fi
  fi
  if [[ ! $configured ]]; then
    # Turning the tests off for a build that has them would only have to be undone again.
    [[ ! $has_tests ]] || tests=ON
    run_hidden "configuring the $preset build in $build_dir" cmake -S "$root" --preset "$preset" \
      "${fresh[@]}" -B "$build_dir" "-DGOBENCH_TESTS=$tests" "${more[@]}" ||
      fail $exit_environment "configuring the $preset build failed; the output above says why, and ./scripts/bootstrap installs what it needs."
  fi

  local -a jobs=()
  [[ ${CMAKE_BUILD_PARALLEL_LEVEL:-} ]] && jobs=(-j "$CMAKE_BUILD_PARALLEL_LEVEL")
  if ! run_hidden "building the $preset build in $build_dir" ninja -C "$build_dir" "${jobs[@]}" "$@"; then
    if grep -q -e 'No space left on device' -e 'Killed (program' -- "$hidden_log"; then
      fail $exit_environment "the build ran out of disk or memory; free some (CMAKE_BUILD_PARALLEL_LEVEL=1 needs the least) and run it again."
    fi
    fail $exit_bug "the build failed; the output above says where. Without changes of your own that is a bug in gobench: please report it."
  fi
  exec 9>&-
}
