// SPDX-License-Identifier: Apache-2.0
#include "persistence/files.hpp"

#include "persistence/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace persiscsi::persistence {
namespace {

void write_whole(const descriptor& target,
                 std::string_view content,
                 const std::filesystem::path& file,
                 std::string_view operation) {
    while (!content.empty()) {
        const auto written = write(target.number(), content.data(), content.size());
        if (written > 0) {
            content.remove_prefix(static_cast<std::size_t>(written));
        } else if (written == 0 || errno != EINTR) {
            throw system_failure(written == 0 ? ENOSPC : errno, operation, file.native());
        }
    }
}

void sync_file(const descriptor& target, const std::filesystem::path& file, std::string_view operation) {
    if (fsync(target.number()) != 0) throw system_failure(errno, operation, file.native());
}

// Removes a half-made file unless it was kept.
struct unfinished_file {
    const std::filesystem::path& name;
    ~unfinished_file() { unlink(name.c_str()); }
};

std::string owner_of(const descriptor& lock_file) {
    std::string text(16, '\0');
    const auto got = pread(lock_file.number(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    text.resize(std::min(text.size(), text.find('\n')));
    const bool number =
        !text.empty() && std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
    return number ? "pid " + text : "pid unknown";
}

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

descriptor::~descriptor() {
    if (number_ >= 0) close(number_);
}

descriptor open_file(const std::filesystem::path& file, int flags, mode_t mode, std::string_view operation) {
    // O_NONBLOCK: a FIFO put in the file's place must not hang us.
    const int number = ::open(file.c_str(), flags | O_CLOEXEC | O_NONBLOCK, mode);
    if (number < 0) throw system_failure(errno, operation, file.native());
    return descriptor(number);
}

std::string read_small_file(const std::filesystem::path& file, std::size_t limit, std::string_view operation) {
    return read_small_file(open_file(file, O_RDONLY, 0, operation), file, limit, operation);
}

std::string read_small_file(const descriptor& source,
                            const std::filesystem::path& file,
                            std::size_t limit,
                            std::string_view operation) {
    struct stat status {};
    if (fstat(source.number(), &status) != 0) throw system_failure(errno, operation, file.native());
    if (!S_ISREG(status.st_mode))
        throw store_error(store_errc::damaged, operation, file.native(), "not a regular file");
    std::string content(limit + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const auto got = read(source.number(), content.data() + size, content.size() - size);
        if (got == 0) break;
        if (got > 0) {
            size += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            throw system_failure(errno, operation, file.native());
        }
    }
    if (size > limit) {
        throw store_error(
            store_errc::damaged, operation, file.native(), "longer than " + std::to_string(limit) + " bytes");
    }
    content.resize(size);
    return content;
}

void create_durable_file(const std::filesystem::path& file, std::string_view content, std::string_view operation) {
    auto unfinished = file;
    unfinished += ".new";
    unlink(unfinished.c_str());
    const auto target = open_file(unfinished, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR, operation);
    const unfinished_file clean_up{unfinished};
    write_whole(target, content, unfinished, operation);
    sync_file(target, unfinished, operation);
    // link, not rename: it replaces nothing.
    if (link(unfinished.c_str(), file.c_str()) != 0) {
        if (errno == EEXIST) throw store_error(store_errc::already_exists, operation, file.native());
        throw system_failure(errno, operation, file.native());
    }
    sync_directory(file.parent_path(), operation);
}

void sync_directory(const std::filesystem::path& directory, std::string_view operation) {
    const auto target = open_file(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY, 0, operation);
    sync_file(target, directory, operation);
}

void ensure_directory(const std::filesystem::path& directory) {
    constexpr std::string_view operation = "open state directory";
    if (directory.empty()) throw store_error(store_errc::misuse, operation, {}, "no directory named");
    if (mkdir(directory.c_str(), S_IRWXU) == 0) {
        sync_directory((directory / "..").lexically_normal(), operation);
    } else if (errno != EEXIST) {
        throw system_failure(errno, operation, directory.native());
    }
    static_cast<void>(open_file(directory, O_RDONLY | O_DIRECTORY, 0, operation));
}

directory_lock::directory_lock(const std::filesystem::path& directory)
    : file_(open_file(directory / "lock", O_RDWR | O_CREAT, S_IRUSR | S_IWUSR, "lock state directory")) {
    constexpr std::string_view operation = "lock state directory";
    if (flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) throw system_failure(errno, operation, directory.native());
        throw store_error(store_errc::locked, operation, directory.native(), owner_of(file_));
    }
    // The pid is for people; the lock holds without it, e.g. on a full disk.
    const auto pid = std::to_string(getpid()) + '\n';
    if (ftruncate(file_.number(), 0) != 0) return;
    if (pwrite(file_.number(), pid.data(), pid.size(), 0) < 0) return;
}

}  // namespace persiscsi::persistence
