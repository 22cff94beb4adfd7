// SPDX-License-Identifier: Apache-2.0
#include "tests/target/program_options.hpp"
#include "tests/target/report.hpp"
#include "tests/target/scripted_target.hpp"
#include "tests/target/tls_relay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace {

using namespace persiscsi::target;

/// Appears whole or not at all: scripts wait for the file and read it.
void write_file(const std::filesystem::path& path, const std::string& text) {
    if (path.empty()) return;
    auto unfinished = path;
    unfinished += ".new";
    std::ofstream file(unfinished);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + unfinished.string());
    std::filesystem::rename(unfinished, path);
}

void run(program_options options) {
    const auto log = spdlog::stderr_color_st("persiscsi-target");
    log->set_level(options.verbose ? spdlog::level::info : spdlog::level::warn);
    options.server.log = [log](std::string_view line) { log->info("{}", line); };
    const auto address = options.server.address;
    std::string names;
    for (const auto& target : options.server.targets) names += " " + target.name;

    boost::asio::io_context io(1);
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    std::optional<tls_relay> tls;
    if (options.tls) {
        tls.emplace(io, *options.tls);
        options.server.address = "127.0.0.1";
        options.server.port = 0;
        options.server.advertised = [&](std::uint16_t inside) { return tls->portal_before(inside); };
    }
    scripted_target target(io, std::move(options.server));
    if (tls) tls->lead_to("127.0.0.1", target.port());
    const auto port = tls ? tls->port() : target.port();
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (error) return;
        if (tls) tls->stop();
        target.stop();
    });
    write_file(options.port_file, std::to_string(port) + "\n");
    write_file(options.pid_file, std::to_string(::getpid()) + "\n");
    std::cout << "persiscsi-target listens on " << address << " port " << port << (tls ? " with TLS:" : ":") << names
              << std::endl;
    io.run();
    write_file(options.report_file, report(target.counters(), target.violations()));
    std::error_code ignored;
    if (!options.port_file.empty()) std::filesystem::remove(options.port_file, ignored);
    if (!options.pid_file.empty()) std::filesystem::remove(options.pid_file, ignored);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        run(read_program_options(count, arguments));
        return 0;
    } catch (const std::invalid_argument& error) {
        std::cerr << "persiscsi-target: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "persiscsi-target: " << error.what() << '\n';
        return 1;
    }
}
