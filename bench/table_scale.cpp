// SPDX-License-Identifier: Apache-2.0
// How the daemon carries many registrations: time to start and to have each of them reconnecting, size in memory,
// lists, durable changes a second. The portal refuses every connection, so that logins cost as little as they can.
#include "daemon/control/control_client.hpp"
#include "daemon/names.hpp"
#include "persistence/session_table.hpp"
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/notify_socket.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>

namespace persiscsi::bench {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::uint16_t nobody_listens = 1;
constexpr std::size_t one_by_one = 200;  // changes that are measured
constexpr std::size_t one_batch = 4096;  // ids a request takes

double seconds_of(const std::function<void()>& act) {
    const auto from = clock::now();
    act();
    return std::chrono::duration<double>(clock::now() - from).count();
}

void fill(const std::filesystem::path& state, std::size_t registrations) {
    auto table = persistence::session_table::open({state, {}, {}});
    auto change = table.begin();
    for (std::size_t n = 0; n < registrations; ++n) {
        persistence::login_record login;
        login.target = "iqn.2026-11.test:disk" + std::to_string(n);
        login.portal_host = "127.0.0.1";
        login.portal_port = nobody_listens;
        login.initiator_name = "iqn.2026-11.test:host";
        login.isid = daemon::random_isid();
        change.add_registration(login);
    }
    change.commit();
}

class daemon_process {
  public:
    daemon_process(const std::filesystem::path& place, const std::string& boot_id)
        : socket_(place / "run" / "persiscsid.sock"), client_(socket_) {
        testing::write_content(place / "boot_id", boot_id);
        const testing::notify_socket heard(place / "notify");
        process_ = std::make_unique<testing::child_process>(
            std::vector<std::string>{
                PERSISCSID_PROGRAM, "--state-dir", place / "state", "--runtime-dir", place / "run"},
            testing::child_process::environment{{"PERSISCSI_BOOT_ID_FILE", place / "boot_id"},
                                                {"NOTIFY_SOCKET", place / "notify"}},
            place / "log");
        if (!heard.hears("READY=1")) throw std::runtime_error("the daemon did not get ready");
    }

    json::object ask(std::string_view verb, std::string_view path, const json::value& body = nullptr) {
        const auto answer = client_.call(verb, path, body, 120s);
        if (!answer.ok()) throw std::runtime_error(control::error_of(answer).message);
        return answer.body.as_object();
    }
    [[nodiscard]] double resident_mib() const {
        std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
        return 0;
    }

  private:
    std::filesystem::path socket_;
    control::control_client client_;
    std::unique_ptr<testing::child_process> process_;
};

json::array ids_in(const json::object& answer, const char* list) {
    json::array ids;
    for (const auto& item : answer.at(list).as_array()) ids.push_back(item.at("id"));
    return ids;
}

json::object change_of(json::array ids, bool atomic) {
    return {{"ids", std::move(ids)}, {"atomic", atomic}};
}

void print(std::string_view name, double value, std::string_view unit) {
    std::cout << "  " << std::left << std::setw(58) << name << std::right << std::fixed << std::setprecision(2)
              << std::setw(12) << value << " " << unit << "\n"
              << std::flush;
}

// Each id in a request of its own, then as many as a request takes in one.
void measure_changes(daemon_process& daemon, const json::array& ids) {
    const auto count = std::min(one_by_one, ids.size() / 2);
    const auto each = seconds_of([&] {
        for (std::size_t n = 0; n < count; ++n)
            daemon.ask("POST", "/v1/sessions/unregister", change_of({ids[n]}, false));
    });
    print("unregister, one request each", static_cast<double>(count) / each, "a second");
    const json::array rest(ids.begin() + static_cast<std::ptrdiff_t>(count),
                           ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), count + one_batch)));
    const auto batch = seconds_of([&] { daemon.ask("POST", "/v1/sessions/unregister", change_of(rest, true)); });
    print("unregister --atomic, " + std::to_string(rest.size()) + " in one request",
          static_cast<double>(rest.size()) / batch,
          "a second");
}

void measure(std::size_t registrations) {
    std::cout << registrations << " registrations\n";
    const testing::temporary_directory directory;
    const auto& place = directory.path();
    print("to fill the table, one transaction", seconds_of([&] { fill(place / "state", registrations); }), "s");
    std::unique_ptr<daemon_process> daemon;
    print("start to ready", seconds_of([&] { daemon = std::make_unique<daemon_process>(place, "first"); }), "s");
    json::object sessions;
    print("session list, the first", seconds_of([&] { sessions = daemon->ask("GET", "/v1/sessions"); }), "s");
    std::size_t reconnecting = 0;
    for (const auto& one : sessions.at("sessions").as_array())
        reconnecting += one.at("state") == "connecting" || one.at("state") == "reconnecting" ? 1U : 0U;
    print("of them connecting", static_cast<double>(reconnecting), "sessions");
    print("session list", seconds_of([&] { daemon->ask("GET", "/v1/sessions"); }), "s");
    print("registration list", seconds_of([&] { daemon->ask("GET", "/v1/registrations"); }), "s");
    print("status", seconds_of([&] { daemon->ask("GET", "/v1/status"); }), "s");
    print("resident", daemon->resident_mib(), "MiB");
    measure_changes(*daemon, ids_in(daemon->ask("GET", "/v1/registrations"), "registrations"));
}

}  // namespace
}  // namespace persiscsi::bench

int main(int argc, char** argv) {
    try {
        if (argc == 1) persiscsi::bench::measure(1000);
        for (int n = 1; n < argc; ++n) persiscsi::bench::measure(std::stoul(argv[n]));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "table_scale: " << error.what() << "\n";
        return 1;
    }
}
