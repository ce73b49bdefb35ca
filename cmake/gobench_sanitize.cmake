# One sanitizer for everything in the build tree, so that no object is left uninstrumented.
if(GOBENCH_SANITIZE)
  # Frame pointers make the stacks in reports cheap to take and complete.
  add_compile_options(-fsanitize=${GOBENCH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GOBENCH_SANITIZE})
  if(GOBENCH_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
endif()
