#include "cli/race/report_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/race/messages.hpp"

namespace gobench::cli::race {

namespace findings = detector::findings;

report_files::report_files(const std::vector<output>& outputs) {
  for (const output& one : outputs) {
    try {
      files_.push_back({.what = one, .file = results::whole_file(one.file)});
    } catch (const std::system_error& refused) {
      throw environment_error(messages::cannot_write(refused.what()));
    }
  }
}

void report_files::write(const findings::document& told) {
  for (one_file& one : files_) {
    // What a device or a pipe has got cannot be replaced, so it gets the end only.
    if (one.failed || (!one.file.replaceable() && !told.run.complete)) continue;
    try {
      one.file.replace(one.what.form->render(told));
      one.written = true;
    } catch (const std::system_error& refused) {
      one.failed = true;
      if (trouble_.empty()) trouble_ = messages::cannot_write(refused.what());
    }
  }
}

std::vector<std::string> report_files::names() const {
  std::vector<std::string> all;
  for (const one_file& one : files_) {
    if (one.written) all.push_back(one.what.file);
  }
  return all;
}

std::string append_to_job_summary(const findings::document& told) {
  constexpr off_t most = 1024 * 1024;
  const char* file = std::getenv("GITHUB_STEP_SUMMARY");
  if (file == nullptr || *file == '\0') return {};
  const auto& all = findings::all_exporters();
  const auto form = std::ranges::find(all, std::string_view("markdown"), &findings::exporter::name);
  if (form == all.end()) return {};
  std::string text = form->render(told);
  const auto refused = [&](int error) {
    return messages::cannot_write(std::string(file) + ": " + std::strerror(error));
  };
  const int fd = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return refused(errno);
  struct stat about {};
  if (::fstat(fd, &about) == 0 && about.st_size + static_cast<off_t>(text.size()) > most) {
    text = text.substr(0, text.find("| | kind")) +
           "The list of findings is left out: the summary of this step has no room for it.\n";
  }
  std::string_view left = text;
  int error = 0;
  while (!left.empty() && error == 0) {
    const ssize_t wrote = ::write(fd, left.data(), left.size());
    if (wrote >= 0) {
      left.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  ::close(fd);
  return error == 0 ? std::string() : refused(error);
}

}  // namespace gobench::cli::race
