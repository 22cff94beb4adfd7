// SPDX-License-Identifier: Apache-2.0
#include "cli/login_choice.hpp"

#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"
#include "cli/own_side.hpp"
#include "cli/printable.hpp"
#include "cli/secret_source.hpp"
#include "cli/url.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace persiscsi::cli {
namespace {

constexpr std::size_t longest_chap_name = 255;
constexpr std::size_t longest_parameter = 255;

struct digest_row {
    std::string_view name;
    digest_wish wish;
};
constexpr digest_row digests[] = {
    {"none", digest_wish::none}, {"crc32c", digest_wish::crc32c}, {"prefer", digest_wish::prefer}};

/// Keys that a login sets by itself: --param must not work around the options that check them.
constexpr std::string_view own_keys[] = {"AuthMethod",
                                         "CHAP_C",
                                         "CHAP_I",
                                         "CHAP_N",
                                         "CHAP_R",
                                         "DataDigest",
                                         "HeaderDigest",
                                         "InitiatorName",
                                         "SessionType",
                                         "TargetName"};

digest_wish digest_of(const invocation& line, std::string_view option) {
    const auto text = line.text_or(option, "none");
    for (const auto& row : digests)
        if (row.name == text) return row.wish;
    throw usage_error(std::string(option) + ": " + in_quotes(text) + " is not none, crc32c or prefer");
}

std::string name_of(digest_wish wish) {
    const auto* row = std::ranges::find(digests, wish, &digest_row::wish);
    return std::string(row->name);
}

secret secret_of(invocation& line, const std::string& option) {
    const auto path = line.text_or(option, "");
    if (path == "-") line.claim_standard_input(option);
    return read_secret(path, option);
}

std::optional<chap_credentials> credentials_of(invocation& line,
                                               const std::string& user,
                                               const std::string& user_option,
                                               const std::string& secret_option) {
    if (user.empty() && !line.given(secret_option)) return std::nullopt;
    if (user.empty()) throw usage_error(secret_option + " needs " + user_option);
    if (!line.given(secret_option)) throw usage_error("CHAP name " + in_quotes(user) + " needs " + secret_option);
    if (user.size() > longest_chap_name) throw usage_error(user_option + ": longer than 255 bytes");
    return chap_credentials{user, secret_of(line, secret_option)};
}

std::string chap_user_of(const invocation& line, const std::string& url_user) {
    const auto user = line.text("--chap-user");
    if (user && user->empty()) throw usage_error("--chap-user: the name is empty");
    if (user && !url_user.empty() && *user != url_user) throw usage_error("--chap-user and the URL's user differ");
    return user.value_or(url_user);
}

std::optional<recovery_policy> recovery_of(const invocation& line) {
    const auto text = line.text("--recovery");
    if (!text) return std::nullopt;
    if (*text == "for-ever") return wait_for_ever{};
    if (*text == "at-once") return fail_at_once{};
    return fail_after{std::chrono::seconds(*line.number("--recovery", 1, 86400))};
}

void check_parameter(const std::string& key, const std::string& value) {
    if (std::ranges::find(own_keys, key) != std::end(own_keys))
        throw usage_error("--param: " + key + " is set by its own option");
    const auto in_key = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-+@_").find(c) != std::string_view::npos;
    };
    if (key.size() > 63 || !std::ranges::all_of(key, in_key))  // RFC 7143 §6.1
        throw usage_error("--param: " + in_quotes(key) + " is not a key's name");
    const auto in_value = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (value.empty() || value.size() > longest_parameter || !std::ranges::all_of(value, in_value))
        throw usage_error("--param: the value of " + key + " is empty, longer than 255 bytes or not printable");
}

std::vector<chap_algorithm> chap_algorithms_of(std::string_view list) {
    std::vector<chap_algorithm> result;
    while (true) {
        const auto number = list.substr(0, list.find(','));
        if (number.size() != 1 || number[0] < '5' || number[0] > '8')
            throw usage_error("--param: CHAP_A: " + in_quotes(number) +
                              " is not 5 (MD5), 6 (SHA-1), 7 (SHA-256) or 8 (SHA3-256)");
        const auto algorithm = static_cast<chap_algorithm>(number[0] - '0');
        if (std::ranges::find(result, algorithm) != result.end())
            throw usage_error("--param: CHAP_A: " + std::string(number) + " is listed twice");
        result.push_back(algorithm);
        if (number.size() == list.size()) return result;
        list.remove_prefix(number.size() + 1);
    }
}

std::vector<std::pair<std::string, std::string>> parameters_of(const invocation& line) {
    auto parameters = line.pairs("--param");
    for (const auto& [key, value] : parameters) {
        check_parameter(key, value);
        if (key == "CHAP_A") static_cast<void>(chap_algorithms_of(value));
        if (std::ranges::count(parameters, key, &std::pair<std::string, std::string>::first) > 1)
            throw usage_error("--param: " + key + " is given twice");
    }
    return parameters;
}

/// ErrorRecoveryLevel is a key like others; above 0 it goes with MaxOutstandingR2T 1 (RFC 7143 §13.19).
void ask_for_recovery_level(const invocation& line, std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto level = line.number("--erl", 0, 2);
    if (!level) return;
    const auto given = [&](std::string_view name) {
        return std::ranges::count(parameters, name, &std::pair<std::string, std::string>::first) > 0;
    };
    if (given("ErrorRecoveryLevel")) throw usage_error("--erl: --param ErrorRecoveryLevel says it too");
    parameters.emplace_back("ErrorRecoveryLevel", std::to_string(*level));
    if (*level > 0 && !given("MaxOutstandingR2T")) parameters.emplace_back("MaxOutstandingR2T", "1");
}

std::string not_empty(const invocation& line, std::string_view option) {
    const auto text = line.text(option);
    if (text && text->empty()) throw usage_error(std::string(option) + ": is empty");
    return text.value_or("");
}

tls_options tls_of(const invocation& line) {
    tls_options tls;
    tls.enabled = line.given("--tls");
    for (const auto* option : {"--tls-ca", "--tls-cert", "--tls-key", "--tls-server-name", "--tls-insecure"})
        if (line.given(option) && !tls.enabled) throw usage_error(std::string(option) + " needs --tls");
    tls.verify = !line.given("--tls-insecure");
    tls.ca = not_empty(line, "--tls-ca");
    tls.certificate = not_empty(line, "--tls-cert");
    tls.key = not_empty(line, "--tls-key");
    tls.server_name = not_empty(line, "--tls-server-name");
    if (tls.certificate.empty() != tls.key.empty()) throw usage_error("--tls-cert and --tls-key belong together");
    if (!tls.verify && !tls.ca.empty()) throw usage_error("--tls-ca does not go with --tls-insecure");
    return tls;
}

boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value() : boost::json::value(text);
}

/// The daemon has another working directory.
boost::json::value path_for_daemon(const std::string& path) {
    if (path.empty()) return nullptr;
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    if (error) throw usage_error("no absolute path of " + in_quotes(path) + ": " + error.message());
    return boost::json::value(absolute.native());
}

boost::json::value json_of(const tls_options& tls) {
    if (!tls.enabled) return nullptr;
    return {{"verify", tls.verify},
            {"ca", path_for_daemon(tls.ca)},
            {"certificate", path_for_daemon(tls.certificate)},
            {"key", path_for_daemon(tls.key)},
            {"server_name", text_or_null(tls.server_name)}};
}

boost::json::object json_of(const chap_credentials& credentials) {
    const auto clear = credentials.secret.reveal();
    return {{"name", credentials.name}, {"secret", boost::json::string_view(clear.data(), clear.size())}};
}

boost::json::value json_of(const recovery_policy& recovery) {
    if (const auto* limit = std::get_if<fail_after>(&recovery)) return {{"fail_after", limit->limit.count()}};
    return std::holds_alternative<fail_at_once>(recovery) ? "fail_at_once" : "wait_for_ever";
}

}  // namespace

login_choice login_choice_of(invocation& line, const std::string& url_user) {
    login_choice choice;
    choice.header_digest = digest_of(line, "--header-digest");
    choice.data_digest = digest_of(line, "--data-digest");
    choice.initiator_name = line.text_or("--initiator-name", "");
    if (line.given("--initiator-name")) check_iscsi_name(choice.initiator_name, "--initiator-name");
    choice.interface = line.text_or("--interface", "");
    if (line.given("--interface") && choice.interface.empty()) throw usage_error("--interface: the name is empty");
    choice.sessions = static_cast<std::uint32_t>(line.number("--sessions", 1, 64).value_or(1));
    choice.recovery = recovery_of(line);
    choice.connections = static_cast<std::uint16_t>(line.number("--connections", 1, 65535).value_or(1));
    choice.parameters = parameters_of(line);
    ask_for_recovery_level(line, choice.parameters);
    choice.tls = tls_of(line);
    if (line.given("--chap-secret")) return choice;
    choice.chap = credentials_of(line, chap_user_of(line, url_user), "--chap-user", "--chap-secret-file");
    choice.mutual_chap =
        credentials_of(line, line.text_or("--mutual-user", ""), "--mutual-user", "--mutual-secret-file");
    if (choice.mutual_chap && !choice.chap) throw usage_error("--mutual-user needs --chap-user");
    if (choice.mutual_chap && choice.mutual_chap->secret == choice.chap->secret)
        throw usage_error("the secrets of both directions are the same: RFC 7143 §9.2.1 forbids it");
    return choice;
}

void warn_of(const login_choice& choice, console& out) {
    if (choice.tls.enabled && !choice.tls.verify)
        out.complain("warning: --tls-insecure: the target's certificate is not verified, anybody may answer for it");
}

boost::json::object connect_request_of(const login_choice& choice) {
    boost::json::object request{{"header_digest", name_of(choice.header_digest)},
                                {"data_digest", name_of(choice.data_digest)},
                                {"sessions", choice.sessions},
                                {"connections", choice.connections}};
    request["initiator_name"] = text_or_null(choice.initiator_name);
    request["interface"] = text_or_null(choice.interface);
    request["tls"] = choice.tls.enabled;
    request["tls_options"] = json_of(choice.tls);
    if (choice.chap) request["chap"] = json_of(*choice.chap);
    if (choice.mutual_chap) request["mutual_chap"] = json_of(*choice.mutual_chap);
    if (choice.recovery) request["recovery"] = json_of(*choice.recovery);
    boost::json::array parameters;
    for (const auto& [key, value] : choice.parameters)
        parameters.push_back(boost::json::object{{"key", key}, {"value", value}});
    request["parameters"] = std::move(parameters);
    return request;
}

session_options session_options_of(const login_choice& choice, const invocation& line, const portal& to) {
    if (choice.sessions != 1) throw usage_error("--sessions: a direct command uses 1 session");
    session_options options;
    options.portal = to;
    options.tls = choice.tls;
    options.login.initiator_name =
        choice.initiator_name.empty() ? default_initiator_name(line.state_dir()) : choice.initiator_name;
    options.login.isid = fresh_isid();
    options.login.chap = choice.chap;
    options.login.mutual_chap = choice.mutual_chap;
    options.login.wishes.max_connections = choice.connections;
    options.login.header_digest = choice.header_digest;
    options.login.data_digest = choice.data_digest;
    for (const auto& [key, value] : choice.parameters) {
        if (key == "CHAP_A")
            options.login.chap_algorithms = chap_algorithms_of(value);
        else if (key == "InitiatorAlias")  // has its place in the first request
            options.login.initiator_alias = value;
        else
            options.login.parameters.push_back({key, value});
    }
    if (!choice.interface.empty()) options.local_address = address_of_interface(choice.interface, to);
    options.recovery = choice.recovery.value_or(fail_after{});
    options.connect_timeout = options.login_timeout = std::chrono::seconds(30);
    return options;
}

}  // namespace persiscsi::cli
