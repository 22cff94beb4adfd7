// SPDX-License-Identifier: Apache-2.0
#include "cli/stored_secrets.hpp"

#include "cli/command_error.hpp"
#include "cli/invocation.hpp"

namespace persiscsi::cli {

void add_stored_secrets(const invocation& line, const std::string& url_user, boost::json::object& request) {
    const auto chap = line.text("--chap-secret");
    auto mutual = line.text("--mutual-secret");
    if (line.given("--mutual")) {
        if (mutual || line.given("--mutual-user") || line.given("--mutual-secret-file"))
            throw usage_error("--mutual takes the secret of chap set: no other one beside it");
        mutual = host_mutual_secret;
    }
    if (!chap && mutual && !line.given("--chap-user")) throw usage_error("--mutual-secret needs --chap-secret");
    if (chap && (line.given("--chap-secret-file") || line.given("--chap-user") || !url_user.empty()))
        throw usage_error(
            "--chap-secret says both name and secret: no --chap-user, --chap-secret-file or user@ beside it");
    if ((chap || mutual) && (line.given("--mutual-secret-file") || line.given("--mutual-user")))
        throw usage_error("--mutual-user and --mutual-secret-file do not go with stored secrets: use --mutual-secret");
    request["chap_secret"] = chap ? boost::json::value(*chap) : boost::json::value();
    request["mutual_secret"] = mutual ? boost::json::value(*mutual) : boost::json::value();
}

boost::json::object labels_of(const invocation& line) {
    boost::json::object labels;
    for (const auto& [key, value] : line.pairs("--label")) labels[key] = value;
    return labels;
}

}  // namespace persiscsi::cli
