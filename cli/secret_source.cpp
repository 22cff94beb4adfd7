// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_source.hpp"

#include "cli/command_error.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/printable.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

/// Room for the longest secret, its newline, and one byte that shows that there was more; wiped at the end.
class secret_bytes {
  public:
    secret_bytes() = default;
    secret_bytes(const secret_bytes&) = delete;
    secret_bytes& operator=(const secret_bytes&) = delete;
    ~secret_bytes() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

    void read_all(int descriptor, const std::string& name) {
        while (size_ < bytes_.size()) {
            const auto n = ::read(descriptor, bytes_.data() + size_, bytes_.size() - size_);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw command_error(exit_code_of_file(errno), name + ": " + std::strerror(errno));
            if (n == 0) return;
            size_ += static_cast<std::size_t>(n);
        }
    }

    /// One line, as read(2) gives it from a terminal.
    void read_line(int descriptor, const std::string& name) {
        while (size_ < bytes_.size() && (size_ == 0 || bytes_[size_ - 1] != '\n')) {
            const auto n = ::read(descriptor, bytes_.data() + size_, bytes_.size() - size_);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw command_error(exit_code::io_error, name + ": " + std::strerror(errno));
            if (n == 0) return;
            size_ += static_cast<std::size_t>(n);
        }
    }

    [[nodiscard]] secret as_secret(const std::string& name) const {
        std::string_view text(bytes_.data(), size_);
        if (text.ends_with('\n')) text.remove_suffix(1);
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.empty()) throw usage_error(name + ": the secret is empty");
        if (text.size() > longest_secret) throw usage_error(name + ": longer than 1024 bytes");
        if (text.find_first_of(std::string_view("\n\r\0", 3)) != text.npos)
            throw usage_error(name + ": more than one line");
        return secret(text);
    }

  private:
    std::array<char, longest_secret + 3> bytes_{};
    std::size_t size_ = 0;
};

void refuse_open_doors(int descriptor, const std::string& name) {
    struct stat found {};
    if (::fstat(descriptor, &found) != 0)
        throw command_error(exit_code_of_file(errno), name + ": " + std::strerror(errno));
    if (S_ISDIR(found.st_mode)) throw usage_error(name + ": is a directory");
    if ((found.st_mode & (S_IRGRP | S_IROTH)) == 0) return;
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
    throw command_error(exit_code::permission,
                        name + ": readable by " + ((found.st_mode & S_IROTH) != 0 ? "everybody" : "its group") +
                            " (mode " + mode.data() + "): take that away with chmod 600");
}

/// Switches the terminal's echo off for as long as it lives.
class silent_terminal {
  public:
    explicit silent_terminal(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal, &before_) != 0)
            throw command_error(exit_code::internal, "the terminal has no settings");
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal, TCSAFLUSH, &silent);
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;
    ~silent_terminal() {
        ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        [[maybe_unused]] const auto n = ::write(terminal_, "\n", 1);
    }

  private:
    int terminal_;
    termios before_{};
};

secret ask_once(int terminal, const std::string& question) {
    const auto prompt = question + ": ";
    [[maybe_unused]] const auto n = ::write(terminal, prompt.data(), prompt.size());
    const silent_terminal silent(terminal);
    secret_bytes bytes;
    bytes.read_line(terminal, "terminal");
    return bytes.as_secret("terminal");
}

}  // namespace

secret read_secret(const std::string& path, const std::string& option) {
    secret_bytes bytes;
    if (path == "-") {
        const auto name = option + " - (standard input)";
        bytes.read_all(STDIN_FILENO, name);
        return bytes.as_secret(name);
    }
    const auto name = option + " " + printable(path);
    const file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) throw command_error(exit_code_of_file(errno), name + ": " + std::strerror(errno));
    refuse_open_doors(file.number(), name);
    bytes.read_all(file.number(), name);
    return bytes.as_secret(name);
}

secret ask_secret(const std::string& question) {
    const file_descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal || ::isatty(STDIN_FILENO) == 0)
        throw usage_error("no terminal to ask on: give the secret by --secret-file");
    auto first = ask_once(terminal.number(), question);
    if (!(first == ask_once(terminal.number(), "once more"))) throw usage_error("the two secrets differ");
    return first;
}

}  // namespace persiscsi::cli
