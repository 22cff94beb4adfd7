// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_process.hpp"

#include "tests/support/exec_texts.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace persiscsi::testing {
child_process::child_process(const std::vector<std::string>& command,
                             const environment& more,
                             const std::filesystem::path& output,
                             ::uid_t uid) {
    const exec_texts words(command);
    const exec_texts variables(environment_with(more));
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    pid_ = ::fork();
    if (pid_ == 0) {  // async-signal-safe calls only: other threads may have held locks
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::close_range(3, ~0U, 0);  // a target of this process that is stopped must not go on listening in its child
        if (uid != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 || ::setuid(uid) != 0)) ::_exit(127);
        ::execve(words.pointers()[0], words.pointers(), variables.pointers());
        ::_exit(127);
    }
    ::close(out);
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    process_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (process_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

child_process::~child_process() {
    if (!reaped_) {
        ::kill(pid_, SIGKILL);
        wait();
    }
    ::close(process_);
}

void child_process::signal(int number) const {
    if (!reaped_) ::kill(pid_, number);
}

bool child_process::ended_within(std::chrono::milliseconds pause) const {
    ::pollfd waited{process_, POLLIN, 0};
    return reaped_ || ::poll(&waited, 1, static_cast<int>(pause.count())) == 1;
}

int child_process::wait(std::chrono::milliseconds limit) {
    if (reaped_) return exit_code_;
    if (!ended_within(limit)) return -1;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return -1;
    reaped_ = true;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_code_;
}

temporary_directory::temporary_directory() {
    const char* base = std::getenv("TMPDIR");
    std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/persiscsid-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
    path_ = pattern;
}

temporary_directory::~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

void write_content(const std::filesystem::path& file, std::string_view content) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace persiscsi::testing
