// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <csignal>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

// A client that speaks bytes.
class raw_client {
  public:
    explicit raw_client(const std::filesystem::path& socket) {
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
        fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto* where = static_cast<const void*>(&address);
        connected_ = fd_ >= 0 && ::connect(fd_, static_cast<const ::sockaddr*>(where), sizeof address) == 0;
    }
    raw_client(raw_client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
    raw_client& operator=(raw_client&&) = delete;
    ~raw_client() { hang_up(); }

    void hang_up() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    [[nodiscard]] bool connected() const { return connected_; }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    // All up to the end of the connection; "" when that did not come in time.
    std::string read_to_end() {
        std::string all;
        char part[4096];
        while (true) {
            ::pollfd waited{fd_, POLLIN, 0};
            if (::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) != 1) return {};
            const auto got = ::recv(fd_, part, sizeof part, 0);
            if (got <= 0) return all.empty() ? "closed" : all;
            all.append(part, static_cast<std::size_t>(got));
        }
    }
    [[nodiscard]] bool closed_by_peer() const {
        ::pollfd waited{fd_, POLLIN, 0};
        char one = 0;
        return ::poll(&waited, 1, 0) == 1 && ::recv(fd_, &one, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

  private:
    int fd_ = -1;
    bool connected_ = false;
};

std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

class hostile_client : public ::testing::Test {
  protected:
    void SetUp() override { daemon.start(); }
    void TearDown() override { daemon.ask("GET", "/v1/version"); }  // it still serves

    std::string exchange(std::string_view bytes) {
        raw_client client(daemon.socket());
        client.send(bytes);
        return client.read_to_end();
    }

    daemon_under_test daemon;
};

TEST_F(hostile_client, broken_deep_and_wrong_json_gets_400) {
    const std::string bodies[] = {
        "{", "[]", "\xff", std::string(100000, '['), R"({"ids":"x"})", R"({"ids":[1]})", "null x"};
    for (const auto& body : bodies)
        EXPECT_TRUE(exchange(post("/v1/sessions/unregister", body)).starts_with("HTTP/1.1 400 ")) << body.substr(0, 20);
}

TEST_F(hostile_client, a_huge_body_is_refused_announced_or_not) {
    EXPECT_TRUE(exchange("POST /v1/sessions HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(
        exchange("POST /v1/sessions HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n").starts_with("HTTP/1.1 413 "));
    std::string chunked = "POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int n = 0; n < 17; ++n) chunked += "10000\r\n" + std::string(65536, ' ') + "\r\n";
    const auto answer = exchange(chunked + "0\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ") || answer == "closed") << answer.substr(0, 80);
}

TEST_F(hostile_client, what_is_not_http_gets_400) {
    EXPECT_TRUE(exchange("\r\n\r\nnonsense nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(exchange("GET /v1/version HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n")
                    .starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(exchange("GET v1 HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(hostile_client, another_version_of_the_api_is_told_so) {
    const auto newer = exchange("GET /v1/version HTTP/1.1\r\nPersiscsi-Api: 2\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(newer.starts_with("HTTP/1.1 400 "));
    EXPECT_NE(newer.find("too new"), std::string::npos) << newer;
    EXPECT_NE(exchange("GET /v1/version HTTP/1.1\r\nPersiscsi-Api: 0\r\nConnection: close\r\n\r\n").find("too old"),
              std::string::npos);
    const auto same = exchange("GET /v1/version HTTP/1.1\r\nPersiscsi-Api: 1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(same.starts_with("HTTP/1.1 200 "));
    EXPECT_NE(same.find("Persiscsi-Api: 1"), std::string::npos);
}

TEST_F(hostile_client, one_that_goes_in_the_middle_of_its_request_changes_nothing) {
    const std::string request =
        "PUT /v1/secrets/x HTTP/1.1\r\nContent-Length: 35\r\n\r\n{\"chap_name\":\"a\",\"secret\":\"bcdefgh\"}";
    for (std::size_t cut = 1; cut < request.size(); cut += 7) {
        raw_client client(daemon.socket());
        client.send(std::string_view(request).substr(0, cut));
        client.hang_up();
    }
    EXPECT_TRUE(daemon.ask("GET", "/v1/secrets").at("secrets").as_array().empty());
}

TEST_F(hostile_client, one_that_goes_before_its_answer_leaves_a_whole_change) {
    const running_target target;
    for (int n = 0; n < 20; ++n) {
        raw_client client(daemon.socket());
        client.send(
            post("/v1/sessions",
                 R"({"target":"iqn.2026-11.test:disk1","another":true,"register":true,"sessions":2,"portal":")" +
                     target.portal() + "\"}"));
        client.hang_up();
    }
    const auto settled = [&] {
        const auto sessions = daemon.sessions().size();
        const auto up = daemon.ask("GET", "/v1/status").at("sessions").at("logged_in").to_number<std::size_t>();
        return sessions == daemon.registrations().size() && sessions == target.connected_isids().size() &&
               sessions == up && sessions % 2 == 0;
    };
    daemon.wait_until(settled, "as many registrations as sessions, in pairs");
}

TEST_F(hostile_client, one_that_goes_while_it_waits_gives_its_place_back) {
    running_target target;
    const auto id = daemon.connect(target, "disk1", true).at(0);
    target.stop();
    daemon.wait_until([&] { return text_of(daemon.sessions()[0], "state") != "logged_in"; }, "the loss noticed");
    {
        raw_client client(daemon.socket());
        client.send(post("/v1/sessions/wait", "{\"ids\":[\"" + id + "\"]}"));
        daemon.ask("GET", "/v1/version");  // the request before has been read by now, or will be with its end
    }
    daemon.wait_until([&] { return daemon.log().find("the client has gone") != std::string::npos; }, "the wait ended");
}

TEST_F(hostile_client, a_thousand_idle_clients_are_bounded_and_shut_nobody_out) {
    ::rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = std::min<::rlim_t>(files.rlim_max, 4096);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_cur < 1200) GTEST_SKIP() << "only " << files.rlim_cur << " open files allowed";
    std::vector<raw_client> idle;
    for (int n = 0; n < 1000; ++n) {
        idle.emplace_back(daemon.socket());
        ASSERT_TRUE(idle.back().connected()) << n;
    }
    daemon.ask("GET", "/v1/version");
    daemon.wait_until([&] { return std::ranges::count_if(idle, &raw_client::closed_by_peer) >= 744; },
                      "the oldest closed");
    std::size_t open = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.process->pid()) + "/fd"))
        open += entry.path().empty() ? 0U : 1U;
    EXPECT_LT(open, 300U);
}

TEST_F(hostile_client, a_request_sent_byte_by_byte_is_answered) {
    raw_client client(daemon.socket());
    for (const char byte : std::string_view("GET /v1/version HTTP/1.1\r\nConnection: close\r\n\r\n"))
        client.send({&byte, 1});
    EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 200 "));
}

TEST_F(hostile_client, pipelined_requests_are_answered_in_order) {
    const auto answers = exchange(
        "GET /v1/version HTTP/1.1\r\n\r\nGET /v1/nonsense HTTP/1.1\r\n\r\nGET /v1/version HTTP/1.1\r\nConnection: "
        "close\r\n\r\n");
    const auto first = answers.find("HTTP/1.1 200");
    const auto second = answers.find("HTTP/1.1 404");
    const auto third = answers.rfind("HTTP/1.1 200");
    EXPECT_TRUE(first < second && second < third && third != std::string::npos) << answers;
}

}  // namespace
}  // namespace persiscsi::testing
