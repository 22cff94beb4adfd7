// SPDX-License-Identifier: Apache-2.0
#include "tests/target/program_options.hpp"

#include <CLI/CLI.hpp>
#include <openssl/crypto.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <stdexcept>
#include <vector>

namespace persiscsi::target {
namespace {

constexpr std::size_t longest_secret = 1024;

const std::map<std::string, digest_policy> digest_names = {
    {"no", digest_policy::no}, {"optional", digest_policy::optional}, {"required", digest_policy::required}};

/// What was given, before it is put together.
struct given {
    std::string listen = "127.0.0.1";
    std::uint16_t port = 3260;
    std::vector<std::string> targets;
    std::vector<std::string> luns;
    std::string chap_user, chap_secret_file, mutual_user, mutual_secret_file;
    std::vector<unsigned> chap_algorithms = {5, 6, 7, 8};
    bool discovery_chap = false;
    digest_policy header_digest = digest_policy::optional;
    digest_policy data_digest = digest_policy::optional;
    operational_limits limits;
    std::string script_file;
    std::vector<std::string> faults;
    std::string state_directory;
    std::string redirect;
    std::string tls_certificate, tls_key, tls_client_ca;
    bool no_unit_attention = false;
};

std::string file_text(const std::string& path, const char* option) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::invalid_argument(std::string(option) + ": cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The file's first line is the secret.
secret read_secret(const std::string& path, const char* option) {
    auto text = file_text(path, option);
    const auto length = std::min(text.find_first_of("\r\n"), text.size());
    const secret result(std::string_view(text).substr(0, length));
    OPENSSL_cleanse(text.data(), text.size());
    if (result.empty() || result.size() > longest_secret)
        throw std::invalid_argument(std::string(option) + ": the secret in " + path + " must have 1 to " +
                                    std::to_string(longest_secret) + " bytes, it has " + std::to_string(result.size()));
    return result;
}

std::optional<chap_options> chap_of(const given& from) {
    if (from.chap_user.empty() != from.chap_secret_file.empty())
        throw std::invalid_argument("--chap-user and --chap-secret-file belong together");
    if (from.mutual_user.empty() != from.mutual_secret_file.empty())
        throw std::invalid_argument("--mutual-user and --mutual-secret-file belong together");
    if (from.chap_user.empty() && !from.mutual_user.empty())
        throw std::invalid_argument("--mutual-user needs --chap-user");
    if (from.chap_user.empty()) return std::nullopt;
    chap_options chap;
    chap.user = from.chap_user;
    chap.secret = read_secret(from.chap_secret_file, "--chap-secret-file");
    chap.mutual_user = from.mutual_user;
    if (!from.mutual_user.empty()) chap.mutual = read_secret(from.mutual_secret_file, "--mutual-secret-file");
    chap.algorithms = from.chap_algorithms;
    return chap;
}

void define(CLI::App& app, given& to, program_options& options) {
    app.add_option("--listen", to.listen, "Address to listen on")->capture_default_str();
    app.add_option("--port", to.port, "TCP port; 0 takes a free one, see --port-file")->capture_default_str();
    app.add_option("--target", to.targets, "Name of a target (IQN); repeatable, all have the same LUNs")
        ->capture_default_str();
    app.add_option("--lun", to.luns, "SIZE[,ro][,null][,block=N]: the next LUN from 0 on; repeatable (default 64M)");
    app.add_option("--chap-user", to.chap_user, "User name initiators must authenticate with");
    app.add_option(
        "--chap-secret-file", to.chap_secret_file, "File whose first line is that user's secret (mode 0600 is wise)");
    app.add_option("--mutual-user", to.mutual_user, "User name of the target itself for mutual CHAP");
    app.add_option("--mutual-secret-file", to.mutual_secret_file, "File whose first line is the target's secret");
    app.add_option(
           "--chap-algorithm", to.chap_algorithms, "Allowed: 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256 (default: all)")
        ->delimiter(',')
        ->check(CLI::Range(5U, 8U));
    app.add_flag("--discovery-chap", to.discovery_chap, "CHAP also for discovery sessions");
    app.add_option("--header-digest", to.header_digest, "no, optional or required (default optional)")
        ->transform(CLI::CheckedTransformer(digest_names));
    app.add_option("--data-digest", to.data_digest, "no, optional or required (default optional)")
        ->transform(CLI::CheckedTransformer(digest_names));
    app.add_option("--max-recv-data-segment-length", to.limits.max_recv_data_segment_length, "Bytes")
        ->capture_default_str();
    app.add_option("--max-burst-length", to.limits.max_burst_length, "Bytes")->capture_default_str();
    app.add_option("--first-burst-length", to.limits.first_burst_length, "Bytes")->capture_default_str();
    app.add_option("--max-outstanding-r2t", to.limits.max_outstanding_r2t, "Per command")->capture_default_str();
    app.add_option("--max-connections", to.limits.max_connections, "Per session")->capture_default_str();
    app.add_option("--error-recovery-level", to.limits.error_recovery_level, "0, 1 or 2")->capture_default_str();
    app.add_flag("--initial-r2t", to.limits.initial_r2t, "No unsolicited Data-Out");
    app.add_flag("--no-immediate-data{false}", to.limits.immediate_data, "No data in SCSI Command PDUs");
    app.add_option("--queue-depth", to.limits.command_window, "Commands outstanding per session")
        ->capture_default_str();
    app.add_option("--time2retain", to.limits.default_time2retain, "Seconds a session outlives its connection")
        ->capture_default_str();
    app.add_flag("--no-unit-attention", to.no_unit_attention, "New sessions start without a unit attention");
    app.add_option("--redirect", to.redirect, "HOST:PORT that logins are sent to");
    app.add_option("--tls-cert", to.tls_certificate, "PEM file with a certificate: initiators must speak TLS");
    app.add_option("--tls-key", to.tls_key, "PEM file with the certificate's private key");
    app.add_option(
        "--tls-client-ca", to.tls_client_ca, "PEM file: initiators must show a certificate of this authority");
    app.add_option("--script", to.script_file, "File with a fault script");
    app.add_option("--fault", to.faults, "One step of a fault script, such as 'on scsi_command(3): drop_connection'");
    app.add_option(
        "--state", to.state_directory, "Directory of files that keep the LUNs over a restart; made if missing");
    app.add_option("--port-file", options.port_file, "Written when listening: the port and a newline");
    app.add_option("--pid-file", options.pid_file, "Written when listening: the process id and a newline");
    app.add_option("--report-file", options.report_file, "Written at the end: what was counted, and every violation");
    app.add_flag("--verbose", options.verbose, "Say on stderr what happens");
}

std::vector<lun_options> luns_of(const given& from) {
    std::vector<lun_options> luns;
    for (const auto& text : from.luns) {
        luns.push_back(parse_lun(text));
        luns.back().lun = luns.size() - 1;
    }
    return luns;
}

/// The plain server then listens where only this machine reaches it.
std::optional<tls_relay_options> tls_of(const given& from) {
    if (from.tls_certificate.empty() != from.tls_key.empty())
        throw std::invalid_argument("--tls-cert and --tls-key belong together");
    if (from.tls_certificate.empty() && !from.tls_client_ca.empty())
        throw std::invalid_argument("--tls-client-ca needs --tls-cert");
    if (from.tls_certificate.empty()) return std::nullopt;
    tls_relay_options tls;
    tls.address = from.listen;
    tls.port = from.port;
    tls.certificate = from.tls_certificate;
    tls.key = from.tls_key;
    tls.client_ca = from.tls_client_ca;
    return tls;
}

server_options assemble(const given& from) {
    server_options server;
    server.address = from.listen;
    server.port = from.port;
    const auto chap = chap_of(from);
    if (from.discovery_chap) server.discovery_chap = chap;
    for (const auto& name : from.targets) {
        target_options target;
        target.name = name;
        target.luns = luns_of(from);
        target.chap = chap;
        target.header_digest = from.header_digest;
        target.data_digest = from.data_digest;
        target.limits = from.limits;
        target.unit_attention = !from.no_unit_attention;
        if (!from.redirect.empty()) target.redirect = redirect_options{from.redirect, false};
        server.targets.push_back(std::move(target));
    }
    if (!from.script_file.empty()) server.script = parse_fault_script(file_text(from.script_file, "--script"));
    for (const auto& fault : from.faults)
        for (auto& step : parse_fault_script(fault)) server.script.push_back(std::move(step));
    if (!from.state_directory.empty()) {
        std::filesystem::create_directories(from.state_directory);
        server.store = std::make_shared<ram_store>(from.state_directory);
    }
    return server;
}

std::uint64_t parse_size(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto known = std::string_view("KMGT").find(unit.empty() ? 'x' : unit[0]);
    if (error != std::errc{} || value == 0 || unit.size() > 1 || (!unit.empty() && known == std::string_view::npos))
        throw std::invalid_argument("--lun: '" + std::string(text) + "' is not a size such as 64M");
    const unsigned shift = unit.empty() ? 0 : 10 * (static_cast<unsigned>(known) + 1);
    if (value > std::numeric_limits<std::uint64_t>::max() >> shift)
        throw std::invalid_argument("--lun: '" + std::string(text) + "' is too large");
    return value << shift;
}

}  // namespace

lun_options parse_lun(std::string_view text) {
    const auto size_text = text.substr(0, text.find(','));
    const auto size = parse_size(size_text);
    lun_options lun;
    auto rest = text.substr(size_text.size());
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const auto word = rest.substr(0, rest.find(','));
        rest.remove_prefix(word.size());
        if (word == "ro")
            lun.read_only = true;
        else if (word == "null")
            lun.kind = lun_options::store::null;
        else if (word == "block=4096")
            lun.block_size = 4096;
        else if (word != "block=512")
            throw std::invalid_argument("--lun: unknown '" + std::string(word) +
                                        "'; there are ro, null, block=512, block=4096");
    }
    if (size % lun.block_size != 0)
        throw std::invalid_argument("--lun: " + std::to_string(size) + " bytes are not whole blocks of " +
                                    std::to_string(lun.block_size));
    lun.blocks = size / lun.block_size;
    return lun;
}

program_options read_program_options(int count, char** arguments) {
    CLI::App app("iSCSI target in memory for tests, benchmarks and demos; it can be told to misbehave.",
                 "persiscsi-target");
    app.set_version_flag("--version", "persiscsi-target " PERSISCSI_VERSION);
    app.footer(fault_script_grammar());
    program_options options;
    given from;
    define(app, from, options);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    if (from.targets.empty()) from.targets.emplace_back("iqn.2026-01.example.persiscsi:ram");
    if (from.luns.empty()) from.luns.emplace_back("64M");
    options.server = assemble(from);
    options.tls = tls_of(from);
    return options;
}

}  // namespace persiscsi::target
