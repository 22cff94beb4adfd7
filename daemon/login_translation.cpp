// SPDX-License-Identifier: Apache-2.0
#include "daemon/login_translation.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/names.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persiscsi::daemon {
namespace {

constexpr std::string_view algorithms_key = "CHAP_A";
constexpr std::size_t max_parameter_value = 255;  // bytes, RFC 7143 §6.1: text-value up to 255 unless declared larger

// Keys which have a field of their own in a login, or which are not ours to offer.
constexpr std::string_view keys_with_a_field[] = {
    "InitiatorName",
    "TargetName",
    "TargetAlias",
    "TargetAddress",
    "SessionType",
    "AuthMethod",
    "HeaderDigest",
    "DataDigest",
    "CHAP_N",
    "CHAP_R",
    "CHAP_I",
    "CHAP_C",
    "SendTargets",
    "MaxConnections",
    "TargetPortalGroupTag",
};

std::string act_of(const persistence::login_record& login) {
    return login.target.empty() ? "discovery at " + to_string(portal_of(login))
                                : "login to " + persistence::in_quotes(login.target);
}

[[noreturn]] void refuse(const persistence::login_record& login, const std::string& reason) {
    throw api_failure(api_errc::bad_request, act_of(login) + ": " + reason);
}

std::optional<chap_algorithm> algorithm_of(std::string_view number) {
    for (const auto known :
         {chap_algorithm::md5, chap_algorithm::sha1, chap_algorithm::sha256, chap_algorithm::sha3_256})
        if (number == std::to_string(static_cast<unsigned>(known))) return known;
    return std::nullopt;
}

// Empty: not a list of algorithms, or one of them twice.
std::vector<chap_algorithm> parse_algorithms(std::string_view list) {
    std::vector<chap_algorithm> all;
    while (true) {
        const auto comma = list.find(',');
        const auto one = algorithm_of(list.substr(0, comma));
        if (!one || std::ranges::find(all, *one) != all.end()) return {};
        all.push_back(*one);
        if (comma == std::string_view::npos) return all;
        list.remove_prefix(comma + 1);
    }
}

bool is_key_name(std::string_view key) {
    const auto legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '+' || c == '@' || c == '_';
    };
    return !key.empty() && key.size() <= pdu::max_key_name && std::ranges::all_of(key, legal);
}

bool is_value(std::string_view value) {
    return value.size() <= max_parameter_value &&
           std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_parameter(const persistence::login_record& login, const std::string& key, const std::string& value) {
    if (!is_key_name(key)) refuse(login, "parameter " + persistence::in_quotes(key) + " is not a key name of RFC 7143");
    if (!is_value(value)) refuse(login, "parameter " + key + " has an illegal value");
    if (key == algorithms_key) {
        if (parse_algorithms(value).empty())
            refuse(login, "parameter CHAP_A is not a list of different numbers out of 5, 6, 7, 8");
        return;
    }
    if (std::ranges::find(keys_with_a_field, key) != std::end(keys_with_a_field))
        refuse(login, "parameter " + key + " cannot be given: the login sets it itself");
}

bool is_ip_address(const std::string& text) {
    std::array<unsigned char, sizeof(::in6_addr)> address{};
    return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

digest_wish wish_of(persistence::digest_wish wish) {
    switch (wish) {
        case persistence::digest_wish::none:
            return digest_wish::none;
        case persistence::digest_wish::crc32c:
            return digest_wish::crc32c;
        case persistence::digest_wish::prefer:
            return digest_wish::prefer;
    }
    return digest_wish::none;
}

recovery_policy policy_of(const persistence::recovery_wish& wish) {
    switch (wish.policy) {
        case persistence::recovery_policy::wait_for_ever:
            return wait_for_ever{};
        case persistence::recovery_policy::fail_after:
            return fail_after{wish.limit};
        case persistence::recovery_policy::fail_at_once:
            return fail_at_once{};
    }
    return wait_for_ever{};
}

std::optional<chap_credentials> credentials_of(const std::optional<persistence::stored_secret>& stored) {
    if (!stored) return std::nullopt;
    return chap_credentials{stored->chap_name, stored->value};
}

void check_tls(const persistence::login_record& login) {
    const auto& tls = login.tls;
    if (!tls.enabled && tls != persistence::tls_wish{}) refuse(login, "options of TLS without TLS");
    if (tls.certificate.empty() != tls.key.empty()) refuse(login, "a TLS certificate and its key belong together");
    if (!tls.verify && !tls.ca.empty()) refuse(login, "a TLS CA makes no sense where nothing is verified");
    for (const auto* path : {&tls.ca, &tls.certificate, &tls.key})
        if (!path->empty() && path->front() != '/')
            refuse(login, "the path " + persistence::in_quotes(*path) + " of a TLS file is not absolute");
}

tls_options tls_of(const persistence::tls_wish& wish) {
    return {wish.enabled, wish.verify, wish.ca, wish.certificate, wish.key, wish.server_name};
}

// A FIFO or a device in the place of a file would hold up the one who reads it.
enum class kind { file, file_or_directory };

void check_file(const persistence::login_record& login, const std::string& what, const std::string& path, kind wanted) {
    if (path.empty()) return;
    const auto complain = [&](api_errc code, const std::string& why) {
        throw api_failure(code,
                          act_of(login) + ": the daemon cannot use the TLS " + what + ' ' +
                              persistence::in_quotes(path) + ": " + why);
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const int error = errno;
    struct ::stat status {};
    const bool known = fd >= 0 && ::fstat(fd, &status) == 0;
    if (fd >= 0) ::close(fd);
    if (!known && (error == EACCES || error == EPERM))
        complain(api_errc::forbidden, "user " + std::to_string(::geteuid()) + " may not read it");
    if (!known) complain(api_errc::bad_request, std::generic_category().message(error));
    if (!S_ISREG(status.st_mode) && (wanted == kind::file || !S_ISDIR(status.st_mode)))
        complain(api_errc::bad_request, "not a regular file");
}

void check_way(const persistence::login_record& login) {
    if (!is_iscsi_name(login.initiator_name))
        refuse(login, "the initiator's name " + persistence::in_quotes(login.initiator_name) + " is not an iSCSI name");
    if (login.connections == 0) refuse(login, "a session has one connection at least");
    if (!login.mutual_secret.empty() && login.chap_secret.empty())
        refuse(login, "a secret for mutual CHAP needs one for CHAP as well");
    if (!login.interface_address.empty() && !is_ip_address(login.interface_address))
        refuse(login, "the interface " + persistence::in_quotes(login.interface_address) + " is not an IP address");
    check_tls(login);
    for (const auto& [key, value] : login.parameters) check_parameter(login, key, value);
}

}  // namespace

void check_tls_files(const persistence::login_record& login) {
    const auto& tls = login.tls;
    if (!tls.enabled) return;
    check_file(login, "CA", tls.ca, kind::file_or_directory);
    check_file(login, "certificate", tls.certificate, kind::file);
    check_file(login, "key", tls.key, kind::file);
    if (const auto fault = tls_fault(tls_of(tls), login.portal_host); !fault.empty()) refuse(login, fault);
}

void check_login(const persistence::login_record& login) {
    if (!is_iscsi_name(login.target)) refuse(login, "the target's name is not an iSCSI name (iqn., eui. or naa.)");
    check_way(login);
}

void check_discovery(const persistence::login_record& login) {
    check_way(login);
}

session_options options_of(const persistence::login_record& login, const login_secrets& secrets) {
    session_options options;
    options.portal = {login.portal_host, login.portal_port};
    options.local_address = login.interface_address;
    options.tls = tls_of(login.tls);
    options.recovery = policy_of(login.recovery);
    options.login.initiator_name = login.initiator_name;
    options.login.target_name = login.target;
    options.login.isid = pdu::isid{login.isid};
    options.login.chap = credentials_of(secrets.chap);
    options.login.mutual_chap = credentials_of(secrets.mutual);
    options.login.wishes.max_connections = login.connections;
    options.login.header_digest = wish_of(login.header_digest);
    options.login.data_digest = wish_of(login.data_digest);
    for (const auto& [key, value] : login.parameters) {
        if (key == algorithms_key)
            options.login.chap_algorithms = parse_algorithms(value);
        else if (key == "InitiatorAlias")  // has its place in the first request
            options.login.initiator_alias = value;
        else
            options.login.parameters.push_back({key, value});
    }
    return options;
}

}  // namespace persiscsi::daemon
