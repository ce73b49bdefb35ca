// Real objects of both compilers: a small library is compiled in several ways, loaded, and what its code calls us
// from is looked up.
#include "detector/report/symbolizer.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "detector/report/names.hpp"

namespace gobench::detector::reporting {
namespace {

// `here("NAME")` notes where it is called from; the line of each is found by the name.
constexpr const char* shop_source = R"(
extern "C" { void (*note_call)(const char*); void (*note_data)(const char*, const void*); }
#define NOINLINE __attribute__((noinline))
#define here(name) (note_call(name), after())
static void after() { asm volatile("" ::: "memory"); }

namespace shop {
int total;
namespace {
int hidden;
NOINLINE void in_unnamed(int by) { here("unnamed"); hidden += by; }
}
inline __attribute__((always_inline)) void inner() { here("inlined"); ++total; }
inline __attribute__((always_inline)) void middle() {
  inner();
}
NOINLINE void outer() {
  middle();
  after();
}
template <class T> struct box {
  T content;
  NOINLINE void put(T what) { here("template"); content = what; }
  virtual ~box() = default;
};
struct late { virtual NOINLINE void act(); virtual ~late() = default; };
void late::act() { here("virtual"); }
}
static NOINLINE void local_function() { here("static"); }
template <class F> NOINLINE void apply(F f) { f(7); after(); }

extern "C" void run_shop() {
  static int counter;
  shop::in_unnamed(1);
  shop::outer();
  shop::box<long> filled;
  filled.put(3);
  shop::late made;
  shop::late* volatile pointer = &made;
  pointer->act();
  local_function();
  apply([](int by) { here("lambda"); counter += by; });
  note_data("total", &shop::total);
  note_data("hidden", &shop::hidden);
  note_data("counter", &counter);
  note_data("box", &filled);
  here("c");
}
)";

std::map<std::string, address>& calls() {
  static std::map<std::string, address> all;
  return all;
}
std::map<std::string, address>& data() {
  static std::map<std::string, address> all;
  return all;
}
[[gnu::noinline]] void note_call(const char* name) {
  calls()[name] = reinterpret_cast<address>(__builtin_return_address(0));
}
void note_data(const char* name, const void* where) {
  data()[name] = reinterpret_cast<address>(where);
}

bool run(const std::string& command) { return std::system((command + " 2>&1").c_str()) == 0; }

class folder {
 public:
  folder() {
    std::string name = testing::TempDir() + "gobench-symbols-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  std::string operator/(const char* name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int line_of(const std::string& text) {
  int line = 1;
  const std::string source = shop_source;
  const std::size_t at = source.find(text);
  if (at == std::string::npos) return -1;
  for (std::size_t i = 0; i < at; ++i) line += source[i] == '\n' ? 1 : 0;
  return line;
}

struct build {
  const char* name;
  const char* compiler;
  const char* flags;
  const char* afterwards = "";  // a command; the library is $lib
  bool lines = true;            // is there debug information?
  bool symbols = true;          // is there a symbol table with local names?
  bool full_names = true;       // are namespaces of inlined functions told?
};
void PrintTo(const build& one, std::ostream* out) { *out << one.name; }

class symbols_of : public testing::TestWithParam<build> {
 protected:
  void SetUp() override {
    const build& how = GetParam();
    if (!run(std::string("command -v ") + how.compiler + " >/dev/null"))
      GTEST_SKIP() << how.compiler << " is not installed";
    std::ofstream(in_ / "shop.cpp") << shop_source;
    const std::string library = in_ / "libshop.so";
    ASSERT_TRUE(run("cd " + in_.path() + " && " + how.compiler +
                    " -std=c++17 -fPIC -c shop.cpp -o shop.o " + how.flags + " && " + how.compiler +
                    " -shared shop.o -o libshop.so -Wl,--build-id " + how.flags));
    if (how.afterwards[0] != '\0') {
      ASSERT_TRUE(run("cd " + in_.path() + " && lib=libshop.so && " + how.afterwards));
    }
    // Names from before it was loaded: it has to be found all the same.
    EXPECT_FALSE(names_.frames_of(reinterpret_cast<address>(&note_call) + 1).empty());
    names_.begin_report();
    library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << ::dlerror();
    *static_cast<void (**)(const char*)>(::dlsym(library_, "note_call")) = note_call;
    *static_cast<void (**)(const char*, const void*)>(::dlsym(library_, "note_data")) = note_data;
    calls().clear();
    data().clear();
    reinterpret_cast<void (*)()>(::dlsym(library_, "run_shop"))();
  }
  void TearDown() override {
    if (library_ != nullptr) ::dlclose(library_);
  }

  const stack& frames(const char* name) { return names_.frames_of(calls().at(name)); }

  // The frame is this function, in the line where `mark` stands in the source.
  void expect(const frame& one, const std::string& function, const std::string& mark) {
    if (GetParam().lines || GetParam().symbols) {
      EXPECT_EQ(stable(one.function), function);
    }
    EXPECT_EQ(one.module, in_ / "libshop.so");
    EXPECT_NE(one.offset, 0u);
    if (!GetParam().lines) return;
    EXPECT_EQ(one.line, line_of(mark)) << one.function;
    EXPECT_EQ(one.file, in_ / "shop.cpp");
    EXPECT_GT(one.column, 0);
  }

  void functions_of_every_sort();
  void lambdas();
  void inlined_calls_with_the_lines_that_call();
  void variables();
  void code_that_was_unloaded_is_in_no_module();

  folder in_;
  symbolizer names_;
  void* library_ = nullptr;
};

void symbols_of::functions_of_every_sort() {
  ASSERT_EQ(calls().size(), 7u);
  expect(frames("unnamed")[0], "shop::(anonymous namespace)::in_unnamed", "here(\"unnamed\")");
  expect(frames("template")[0], "shop::box::put", "here(\"template\")");
  expect(frames("virtual")[0], "shop::late::act", "here(\"virtual\")");
  expect(frames("static")[0], "local_function", "here(\"static\")");
  expect(frames("c")[0], "run_shop", "here(\"c\")");
  for (const char* name : {"unnamed", "template", "virtual", "static", "c"}) {
    EXPECT_EQ(frames(name).size(), 1u) << name;
    EXPECT_FALSE(frames(name)[0].inlined) << name;
  }
}

void symbols_of::lambdas() {
  const stack& all = frames("lambda");
  // Inlined or not: the lambda's line is the innermost.
  const frame& innermost = all.front();
  if (GetParam().lines) {
    EXPECT_EQ(innermost.line, line_of("here(\"lambda\")"));
    EXPECT_NE(innermost.function.find("operator()"), std::string::npos) << innermost.function;
    if (all.size() > 1) {
      EXPECT_EQ(stable(all[1].function), "apply");
      EXPECT_EQ(all[1].line, line_of("f(7);"));
    }
  }
}

void symbols_of::inlined_calls_with_the_lines_that_call() {
  const stack& all = frames("inlined");
  if (!GetParam().lines) {
    ASSERT_EQ(all.size(), 1u);
    if (GetParam().symbols) {
      EXPECT_EQ(all[0].function, "shop::outer()");
    }
    return;
  }
  ASSERT_EQ(all.size(), 3u);
  // With the least debug information compilers may leave the namespace of inlined functions out.
  const auto space = [&](std::size_t i) {
    return !GetParam().full_names && all[i].function.find("::") == std::string::npos
               ? ""
               : std::string("shop::");
  };
  expect(all[0], space(0) + "inner", "here(\"inlined\")");
  expect(all[1], space(1) + "middle", "  inner();");
  expect(all[2], "shop::outer", "  middle();");
  EXPECT_TRUE(all[0].inlined);
  EXPECT_TRUE(all[1].inlined);
  EXPECT_FALSE(all[2].inlined);
}

void symbols_of::variables() {
  for (const auto& [key, name] :
       std::map<std::string, std::string>{{"total", "shop::total"},
                                          {"hidden", "shop::(anonymous namespace)::hidden"},
                                          {"counter", "run_shop::counter"}}) {
    variable found;
    ASSERT_TRUE(names_.variable_at(data().at(key) + 1, found)) << key;
    EXPECT_EQ(found.module, in_ / "libshop.so");
    if (!GetParam().symbols && key != "total") continue;
    EXPECT_EQ(found.name, name);
    EXPECT_EQ(found.size, 4u);
    EXPECT_EQ(found.start, data().at(key));
  }
  variable on_stack;
  EXPECT_FALSE(names_.variable_at(data().at("box"), on_stack));
}

void symbols_of::code_that_was_unloaded_is_in_no_module() {
  const address code = calls().at("c");
  expect(names_.frames_of(code)[0], "run_shop", "here(\"c\")");
  ::dlclose(std::exchange(library_, nullptr));
  names_.modules_changed();
  EXPECT_EQ(names_.frames_of(code)[0].function, "");
  EXPECT_EQ(names_.frames_of(code)[0].offset, code);
}

// One test for all: compiling is what takes time.
TEST_P(symbols_of, one_build) {
  functions_of_every_sort();
  lambdas();
  inlined_calls_with_the_lines_that_call();
  variables();
  code_that_was_unloaded_is_in_no_module();
}

INSTANTIATE_TEST_SUITE_P(
    built, symbols_of,
    testing::Values(build{"gcc_O0", "g++", "-O0 -g"}, build{"gcc_O2", "g++", "-O2 -g"},
                    build{"gcc_dwarf4", "g++", "-O2 -g -gdwarf-4"},
                    build{"gcc_g1", "g++", "-O2 -g1", "", true, true, false},
                    build{"gcc_compressed", "g++", "-O2 -g -gz"},
                    build{"gcc_split", "g++", "-O2 -g -gsplit-dwarf"},
                    build{"gcc_plain", "g++", "-O2", "", false},
                    build{"gcc_stripped", "g++", "-O2 -g", "strip $lib", false, false},
                    build{"gcc_separate", "g++", "-O2 -g",
                          "objcopy --only-keep-debug $lib $lib.debug && strip $lib && objcopy "
                          "--add-gnu-debuglink=$lib.debug $lib"},
                    build{"clang_O0", "clang++", "-O0 -g"}, build{"clang_O2", "clang++", "-O2 -g"},
                    build{"clang_dwarf4", "clang++", "-O2 -g -gdwarf-4"},
                    build{"clang_g1", "clang++", "-O2 -g1", "", true, true, false},
                    build{"clang_split", "clang++", "-O2 -g -gsplit-dwarf"},
                    build{"clang_stripped", "clang++", "-O2 -g", "strip $lib", false, false}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(objects_of_clang, are_found_without_the_index_that_it_does_not_write) {
  if (!run("command -v clang++ >/dev/null")) GTEST_SKIP() << "clang++ is not installed";
  const folder in;
  std::ofstream(in / "shop.cpp") << shop_source;
  ASSERT_TRUE(run("cd " + in.path() + " && clang++ -g -c shop.cpp -o shop.o"));
  // What the tests above rely on.
  EXPECT_FALSE(run("readelf -SW " + (in / "shop.o") + " | grep -q debug_aranges"));
}

TEST(programs_at_a_fixed_address, are_read_as_well) {
  const folder in;
  std::ofstream(in / "main.cpp") << "#include <cstdio>\n__attribute__((noinline)) void here() {\n  "
                                    "std::printf(\"%p\", __builtin_return_address(0)); }\n"
                                    "int main() {\n  here();\n  return 0;\n}\n";
  ASSERT_TRUE(
      run("cd " + in.path() + " && g++ -g -no-pie -fno-pie main.cpp -o app && ./app >address"));
  std::string text;
  std::ifstream(in / "address") >> text;
  elf_file file(in / "app");
  debug_info info(file);
  stack frames;
  ASSERT_TRUE(info.describe(std::stoul(text, nullptr, 16) - 1, frames));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].function, "main");
  EXPECT_EQ(frames[0].line, 5);
}

TEST(files_that_are_no_programs, have_no_names) {
  const folder in;
  std::ofstream(in / "text") << "not a program";
  for (const std::string& path : {in / "text", in / "missing", in.path()}) {
    elf_file file(path);
    EXPECT_FALSE(file.readable());
    EXPECT_EQ(file.function_at(0x1000), nullptr);
    debug_info info(file);
    stack frames;
    EXPECT_FALSE(info.describe(0x1000, frames));
  }
}

TEST(stacks, end_at_main_and_where_a_task_begins) {
  const auto cut = [](std::vector<const char*> functions) {
    stack frames;
    for (const char* name : functions) {
      frames.emplace_back();
      frames.back().function = name;
    }
    cut_below_start(frames);
    std::string text;
    for (const frame& one : frames) text += one.function + "|";
    return text;
  };
  EXPECT_EQ(cut({"f()", "main", "__libc_start_call_main", "_start"}), "f()|main|");
  EXPECT_EQ(
      cut({"f()", "g()", "std::__invoke_impl<void, void (*)()>(std::__invoke_other, void (*&&)())",
           "std::thread::_Invoker<std::tuple<void (*)()>>::operator()()",
           "std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (*)()>>>::_M_run()"}),
      "f()|g()|");
  EXPECT_EQ(cut({"f()", "std::function<void ()>::operator()() const",
                 "gobench::plain::runtime::fiber_main(void*)", "make_fcontext"}),
            "f()|");
  EXPECT_EQ(cut({"gobench::plain::mutex::lock()", "f()"}), "gobench::plain::mutex::lock()|f()|");
  EXPECT_EQ(cut({"start_thread"}), "start_thread|");
  EXPECT_EQ(cut({}), "");

  // What the library's headers tell the detector with.
  stack told(3);
  told[0].function = "gobench::check::instrument::scope::scope(unsigned long)";
  told[1].function = "gobench::check::mutex::lock()";
  told[2].function = "f()";
  drop_hooks(told);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].function, "gobench::check::mutex::lock()");
  EXPECT_EQ(told[1].function, "f()");

  // What a thread of libstdc++ begins with has no name where that is stripped.
  stack frames(3);
  frames[0].function = "shop::work()";
  frames[1].function = "std::__invoke<void (*)()>(void (*&&)())";
  frames[2].module = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30";
  cut_below_start(frames);
  EXPECT_EQ(frames.size(), 1u);
}

}  // namespace
}  // namespace gobench::detector::reporting
