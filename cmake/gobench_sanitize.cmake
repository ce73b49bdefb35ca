# One sanitizer for everything in the build tree, so that no object is left uninstrumented.
if(GOBENCH_SANITIZE)
  # Frame pointers make the stacks in reports cheap to take and complete.
  add_compile_options(-fsanitize=${GOBENCH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GOBENCH_SANITIZE})
  if(GOBENCH_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
  # gcc documents that its warnings about uninitialised values come out wrong under a sanitizer: it
  # has them about std::regex. The release build keeps them.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
