#include "cli/plugins.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <stdexcept>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "suites/plugin.hpp"

namespace gobench::cli {

namespace {

void load(const std::string& file) {
  // Without a slash the loader would search the system's folders.
  const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
  std::string cause;
  std::size_t registered = 0;
  try {
    registered = suites::registered_by([&] {
      if (::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) == nullptr)
        cause = ::dlerror();
    });
  } catch (const std::logic_error& wrong) {
    throw environment_error(messages::wrong_plugin(file, wrong.what()));
  }
  if (!cause.empty()) throw environment_error(messages::unloadable_plugin(file, cause));
  if (registered == 0) throw environment_error(messages::plugin_without_suite(file));
}

}  // namespace

void load_plugins(const std::vector<std::string>& files) {
  std::vector<std::string> loaded;
  for (const std::string& file : files) {
    if (std::ranges::find(loaded, file) != loaded.end()) continue;
    load(file);
    loaded.push_back(file);
  }
}

}  // namespace gobench::cli
