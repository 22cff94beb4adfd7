// SPDX-License-Identifier: Apache-2.0
#include "cli/byte_stream.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"
#include "cli/unit_access.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

namespace persiscsi::cli {
namespace {

[[noreturn]] void fail_with(const std::string& name, int error) {
    throw command_error(exit_code_of_file(error), name, std::strerror(error));
}

struct stat status_of(int descriptor, const std::string& name) {
    struct stat found {};
    if (::fstat(descriptor, &found) != 0) fail_with(name, errno);
    return found;
}

}  // namespace

byte_source::byte_source(const std::string& path)
    : descriptor_(STDIN_FILENO), name_(path == "-" ? "standard input" : printable(path)) {
    if (path != "-") {
        owned_ = file_descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!owned_) fail_with(name_, errno);
        descriptor_ = owned_.number();
    }
    const auto found = status_of(descriptor_, name_);
    if (S_ISDIR(found.st_mode)) fail_with(name_, EISDIR);
    regular_ = S_ISREG(found.st_mode);
    if (!regular_) return;
    const auto at = std::max<off_t>(::lseek(descriptor_, 0, SEEK_CUR), 0);
    size_ = static_cast<std::uint64_t>(std::max<off_t>(found.st_size - at, 0));
}

std::size_t byte_source::fill(std::span<std::byte> into, unit_access& unit) {
    std::size_t filled = 0;
    while (filled < into.size()) {
        if (!regular_) unit.wait_until_readable(descriptor_);
        const auto n = ::read(descriptor_, into.data() + filled, into.size() - filled);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) fail_with(name_, errno);
        if (n == 0) break;
        filled += static_cast<std::size_t>(n);
    }
    return filled;
}

byte_sink::byte_sink(const std::string& path)
    : path_(path == "-" ? "" : path),
      descriptor_(STDOUT_FILENO),
      name_(path == "-" ? "standard output" : printable(path)) {
    if (!path_.empty()) {
        owned_ = file_descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666));
        created_ = static_cast<bool>(owned_);
        if (!created_ && errno == EEXIST)
            owned_ = file_descriptor(::open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY));
        if (!owned_) fail_with(name_, errno);
        descriptor_ = owned_.number();
    }
    regular_ = S_ISREG(status_of(descriptor_, name_).st_mode);
}

void byte_sink::fail(int error) const {
    if (error == EPIPE && path_.empty()) throw command_error(exit_code::io_error, "");
    fail_with(name_, error);
}

void byte_sink::write(std::span<const std::byte> data, unit_access& unit) {
    while (!data.empty()) {
        if (!regular_) unit.wait_until_writable(descriptor_);
        // A pipe that poll(2) calls writable takes PIPE_BUF bytes without making us wait.
        const auto size = regular_ ? data.size() : std::min<std::size_t>(data.size(), PIPE_BUF);
        const auto n = ::write(descriptor_, data.data(), size);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) fail(errno);
        data = data.subspan(static_cast<std::size_t>(n));
    }
}

void byte_sink::close() {
    if (path_.empty()) return;
    if (::close(owned_.release()) != 0) fail(errno);
}

std::string byte_sink::abandon() {
    if (path_.empty()) return {};
    if (!created_) return "; " + name_ + " is incomplete";
    if (::unlink(path_.c_str()) != 0) return "; " + name_ + " is incomplete";
    return "; " + name_ + " was removed again";
}

}  // namespace persiscsi::cli
