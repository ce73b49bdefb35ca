// The inline namespace that keeps the flavours of the library apart.
//
// A program links one flavour only (plain, check or tsan). Every public name lives in
// `gobench::inline GOBENCH_FLAVOUR`, so an object file compiled for one flavour and a library of
// another fail to link instead of disagreeing about layouts at run time.
#pragma once

#if defined(GOBENCH_FLAVOUR_CHECK)
#define GOBENCH_FLAVOUR check
#elif defined(GOBENCH_TSAN_SELF_CHECK)
#define GOBENCH_FLAVOUR tsan_self_check
#elif defined(GOBENCH_FLAVOUR_TSAN)
#define GOBENCH_FLAVOUR tsan
#else
#define GOBENCH_FLAVOUR plain
#endif
