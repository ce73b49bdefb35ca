# cmake -DLD= -DNM= -DOBJCOPY= -DINTO=joined.o '-DOBJECTS=a.o|b.o' -P join_objects.cmake
#
# One object made of all, in which instances of templates and inline functions are local, and so are virtual tables of the
# standard library's classes, which lead to them. --force-group-allocation dissolves the groups by which the linker would drop ours for
# another's. Not local: `operator new` and the like, which are replaced for the whole program on purpose, C names that are weak
# on purpose, and every variable.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(failed)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "This command failed: ${command}\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# By a file: there may be more of them than a command line takes.
string(REPLACE "|" "\n" lines "${OBJECTS}")
file(WRITE "${INTO}.objects" "${lines}\n")
run("${LD}" -r --force-group-allocation -o "${INTO}.all" "@${INTO}.objects")

run("${NM}" --defined-only --format=posix "${INTO}.all")
string(REGEX MATCHALL "[^\n]+ [WV] [^\n]*" weak "${output}")
set(local "")
foreach(symbol IN LISTS weak)
  string(REGEX REPLACE " .*" "" name "${symbol}")
  string(REGEX REPLACE "^[^ ]+ ([WV]) .*" "\\1" kind "${symbol}")
  # exception_ptr lets go of an exception in a function of the library, which is interposed as well.
  if(name MATCHES "^_Z(nw|na|dl|da|NSt15__exception_ptr13exception_ptr10_M_releaseEv|NSt13random_device9_M_getvalEv|NSt13__future_base13_State_baseV211_Make_ready6_M_setEv)")
    continue()
  endif()
  if((kind STREQUAL "W" AND name MATCHES "^_Z") OR name MATCHES "^_ZT[VTC]N?(St|9__gnu_cxx)")
    string(APPEND local "${name}\n")
  endif()
endforeach()
if(local STREQUAL "")
  file(RENAME "${INTO}.all" "${INTO}")
  return()
endif()
file(WRITE "${INTO}.local" "${local}")
run("${OBJCOPY}" "--localize-symbols=${INTO}.local" "${INTO}.all" "${INTO}")
file(REMOVE "${INTO}.all")
