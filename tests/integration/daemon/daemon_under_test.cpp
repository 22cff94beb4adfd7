// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include "tests/integration/daemon/notify_socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <unistd.h>

namespace persiscsi::testing {
namespace json = boost::json;

target::server_options disks() {
    target::server_options options;
    for (const auto* disk : {"disk1", "disk2", "disk3", "locked"}) {
        target::target_options one;
        one.name = std::string("iqn.2026-11.test:") + disk;
        target::lun_options lun;
        lun.blocks = 2048;
        one.luns.push_back(lun);
        one.unit_attention = false;
        options.targets.push_back(std::move(one));
    }
    target::chap_options chap;
    chap.user = "someone";
    chap.secret = persiscsi::secret(chap_secret);
    chap.mutual_user = "target";
    chap.mutual = persiscsi::secret(mutual_secret);
    options.targets.back().chap = std::move(chap);
    return options;
}

running_target::running_target(target::server_options options) : options_(std::move(options)) {
    start();
    thread_ = std::thread([this] {
        const auto work = boost::asio::make_work_guard(io_);
        io_.run();
    });
}

running_target::~running_target() {
    target_.reset();
    io_.stop();
    thread_.join();
}

void running_target::start() {
    target_ = std::make_unique<target::scripted_target>(io_, options_);
    options_.port = target_->port();
}

std::string running_target::portal() const {
    const auto& host = options_.address;
    const auto written = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return written + ":" + std::to_string(port());
}

std::multiset<std::uint64_t> running_target::connected_isids() const {
    std::multiset<std::uint64_t> isids;
    for (const auto& session : target_->sessions())
        if (session.connected) isids.insert(session.isid);
    return isids;
}

daemon_under_test::daemon_under_test() {
    reboot();
}

std::vector<std::string> daemon_under_test::command(const std::vector<std::string>& more) const {
    std::vector<std::string> all{PERSISCSID_PROGRAM, "--state-dir", state().native(), "--runtime-dir", run().native()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

void daemon_under_test::start(const std::vector<std::string>& more, ::uid_t uid) {
    const auto place = directory_.path() / "notify";
    const notify_socket notified(place);
    if (uid != 0 && ::chown(place.c_str(), uid, uid) != 0) throw std::runtime_error("chown " + place.native());
    // Core dumps allowed: the leak checker of sanitizer builds cannot look into a process which forbids them.
    process = std::make_unique<child_process>(
        command(more),
        child_process::environment{
            {"PERSISCSI_BOOT_ID_FILE", boot_file().native()}, {"PERSISCSI_ALLOW_CORE", "1"}, {"NOTIFY_SOCKET", place}},
        log_file(),
        uid);
    ASSERT_TRUE(notified.hears("READY=1")) << log();
}

daemon_under_test::failed_start daemon_under_test::start_in_vain(const std::vector<std::string>& more, ::uid_t uid) {
    const auto output = directory_.path() / "failed.log";
    std::filesystem::remove(output);
    child_process failing(
        command(more), {{"PERSISCSI_BOOT_ID_FILE", boot_file().native()}, {"PERSISCSI_ALLOW_CORE", "1"}}, output, uid);
    const int exit_code = failing.wait();
    return {exit_code, content_of(output)};
}

int daemon_under_test::end(int signal) {
    process->signal(signal);
    return process->wait();
}

json::value daemon_under_test::ask(std::string_view method, std::string_view path, const json::value& body) {
    const auto answer = client().call(method, path, body, patience);
    EXPECT_TRUE(answer.ok()) << method << " " << path << ": " << json::serialize(answer.body);
    return answer.body;
}

control::api_error daemon_under_test::refused(std::string_view method, std::string_view path, const json::value& body) {
    const auto answer = client().call(method, path, body, patience);
    EXPECT_FALSE(answer.ok()) << method << " " << path << ": " << json::serialize(answer.body);
    return control::error_of(answer);
}

std::vector<std::string> daemon_under_test::connect(const running_target& to,
                                                    const std::string& disk,
                                                    bool registered,
                                                    int sessions) {
    json::object request{{"target", "iqn.2026-11.test:" + disk},
                         {"portal", to.portal()},
                         {"register", registered},
                         {"sessions", sessions}};
    if (disk == "locked") {
        request["chap"] = {{"name", "someone"}, {"secret", chap_secret}};
        request["mutual_chap"] = {{"name", "target"}, {"secret", mutual_secret}};
    }
    const auto answer = ask("POST", "/v1/sessions", request);
    std::vector<std::string> ids;
    for (const auto& session : answer.at("sessions").as_array()) ids.push_back(text_of(session, "id"));
    return ids;
}

json::array daemon_under_test::sessions() {
    return ask("GET", "/v1/sessions").at("sessions").as_array();
}
json::array daemon_under_test::registrations() {
    return ask("GET", "/v1/registrations").at("registrations").as_array();
}

json::array daemon_under_test::wait_logged_in(const json::array& ids) {
    return ask("POST", "/v1/sessions/wait", json::object{{"ids", ids}}).at("sessions").as_array();
}

std::multiset<std::uint64_t> isids_of(const json::array& items) {
    std::multiset<std::uint64_t> isids;
    for (const auto& item : items) isids.insert(std::stoull(text_of(item, "isid"), nullptr, 16));
    return isids;
}

std::string text_of(const json::value& object, std::string_view field) {
    return std::string(object.at(field).as_string());
}

}  // namespace persiscsi::testing
