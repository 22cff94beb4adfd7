// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace persiscsi::cli {

struct fake_request {
    std::string method;
    std::string target;
    std::string api;  ///< Persiscsi-Api
    std::string body;
};

/// Speaks enough HTTP/1.1 on a Unix socket to give canned answers to one client after the other.
class fake_daemon {
  public:
    struct answer {
        int status = 200;
        std::string body;
        std::string content_type = "application/json";
    };

    /// Listens when it returns: on <runtime_dir>/persiscsid.sock.
    explicit fake_daemon(const std::filesystem::path& runtime_dir);
    ~fake_daemon();

    /// What "METHOD /path?query" is answered; all else is 404 with the API's error body.
    void on(const std::string& request, answer with);

    [[nodiscard]] std::vector<fake_request> requests() const;
    /// Throws where there was none.
    [[nodiscard]] fake_request last() const;

  private:
    void serve();
    void serve_client(int client);
    answer answer_to(const fake_request& request);

    int listener_ = -1;
    int stop_pipe_[2] = {-1, -1};
    mutable std::mutex mutex_;
    std::map<std::string, answer> answers_;
    std::vector<fake_request> requests_;
    std::thread thread_;
};

}  // namespace persiscsi::cli
