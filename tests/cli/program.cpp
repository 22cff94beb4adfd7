// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.hpp"

#include "cli/file_descriptor.hpp"
#include "tests/support/exec_texts.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

constexpr std::chrono::seconds time_limit{60};

struct pipe_ends {
    file_descriptor reader;
    file_descriptor writer;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

/// In the child: async-signal-safe calls only.
[[noreturn]] void become_program(const exec_texts& words,
                                 const exec_texts& environment,
                                 const program_input& input,
                                 const pipe_ends& in,
                                 const pipe_ends& out,
                                 const pipe_ends& err) {
    ::dup2(in.reader.number(), STDIN_FILENO);
    const auto& file = input.standard_output_file;
    ::dup2(file.empty() ? out.writer.number() : ::open(file.c_str(), O_WRONLY), STDOUT_FILENO);
    ::dup2(err.writer.number(), STDERR_FILENO);
    constexpr uid_t nobody = 65534;
    if (input.as_nobody && ::geteuid() == 0 &&
        (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0))
        ::_exit(126);
    ::execve(PERSISCSI_PROGRAM, words.pointers(), environment.pointers());
    ::_exit(127);
}

/// Feeds standard input and gathers both outputs until they are closed or the time is over.
class conversation {
  public:
    conversation(pipe_ends in, pipe_ends out, pipe_ends err, const program_input& input)
        : in_(std::move(in.writer)), out_(std::move(out.reader)), err_(std::move(err.reader)), input_(&input) {
        ::fcntl(in_.number(), F_SETFL, O_NONBLOCK);
        if (input.standard_input.empty() && !input.hold_standard_input) in_ = {};
    }

    bool run(program_result& into) {
        const auto until = std::chrono::steady_clock::now() + time_limit;
        while (out_ || err_) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
            if (left.count() <= 0) return false;
            const bool feeding = in_ && written_ < input_->standard_input.size();
            std::array<pollfd, 3> watched{
                {{feeding ? in_.number() : -1, POLLOUT, 0}, {out_.number(), POLLIN, 0}, {err_.number(), POLLIN, 0}}};
            ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
            if (watched[0].revents != 0) feed();
            if (watched[1].revents != 0) gather(out_, into.out);
            if (watched[2].revents != 0) gather(err_, into.err);
            if (input_->read_only_this_much && into.out.size() >= *input_->read_only_this_much) out_ = {};
        }
        return true;
    }

  private:
    void feed() {
        const auto& text = input_->standard_input;
        const auto n = ::write(in_.number(), text.data() + written_, text.size() - written_);
        if (n < 0 && errno != EAGAIN) in_ = {};
        if (n > 0) written_ += static_cast<std::size_t>(n);
        if (written_ == text.size() && !input_->hold_standard_input) in_ = {};
    }
    static void gather(file_descriptor& from, std::string& into) {
        std::array<char, 65536> buffer{};
        const auto n = ::read(from.number(), buffer.data(), buffer.size());
        if (n <= 0)
            from = {};
        else
            into.append(buffer.data(), static_cast<std::size_t>(n));
    }

    file_descriptor in_;
    file_descriptor out_;
    file_descriptor err_;
    const program_input* input_;
    std::size_t written_ = 0;
};

}  // namespace

program_result run_program(const std::vector<std::string>& arguments, const program_input& input) {
    std::signal(SIGPIPE, SIG_IGN);
    auto in = make_pipe();
    auto out = make_pipe();
    auto err = make_pipe();
    std::vector<std::string> command{"persiscsi"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const exec_texts words(std::move(command));
    const exec_texts environment(environment_with(input.environment));
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) become_program(words, environment, input, in, out, err);
    in.reader = {};
    out.writer = {};
    err.writer = {};
    program_result result;
    conversation talk(std::move(in), std::move(out), std::move(err), input);
    if (!talk.run(result)) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status)) result.exit = WEXITSTATUS(status);
    return result;
}

}  // namespace persiscsi::cli
