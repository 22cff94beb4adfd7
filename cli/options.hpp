// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace persiscsi::cli {

/// An option of the command line. A flag has no value; a required one has no preset.
struct option_row {
    enum class kind { once, many, required };

    std::string_view name;         ///< "--lba"
    std::string_view value;        ///< what follows it, for people: "N"; empty for a flag
    std::string_view help;         ///< with the unit
    std::string_view preset = {};  ///< the default, for people
    kind how = kind::once;
    std::string_view letter = {};  ///< "-o"
};

using enum option_row::kind;

inline constexpr option_row global_options[] = {
    {"--json", "", "print one JSON document on standard output"},
    {"--timeout", "SECONDS", "deadline of the whole command, in seconds (0.1 to 1000000)"},
    {"--quiet", "", "print ids only; of a change nothing"},
    {"--verbose", "", "tell the main steps on standard error"},
    {"--debug", "", "tell every step on standard error"},
    {"--state-dir", "DIR", "where initiator.name is looked up", "$PERSISCSI_STATE_DIR, or the system's"},
    {"--runtime-dir", "DIR", "where the daemon's socket is", "$PERSISCSI_RUNTIME_DIR, or the system's"},
};

inline constexpr option_row login_options_table[] = {
    {"--chap-user", "NAME", "CHAP name to log in with; the URL's user@ says the same"},
    {"--chap-secret-file", "FILE", "file with the CHAP secret, mode 0600; - is standard input"},
    {"--mutual-user", "NAME", "CHAP name that the target must prove"},
    {"--mutual-secret-file", "FILE", "file with the target's CHAP secret, mode 0600; - is standard input"},
    {"--header-digest", "none|crc32c|prefer", "header digest: none, demanded, or used if the target can", "none"},
    {"--data-digest", "none|crc32c|prefer", "data digest: none, demanded, or used if the target can", "none"},
    {"--initiator-name", "IQN", "our iSCSI name", "the daemon's"},
    {"--interface", "ADDRESS|NAME", "IP address or network interface to connect from", "the system chooses"},
    {"--sessions", "N", "sessions to create, 1 to 64; a direct command takes 1", "1"},
    {"--connections",
     "N",
     "connections of a session, as far as the target goes along; commands take them in turn",
     "1"},
    {"--erl",
     "N",
     "ErrorRecoveryLevel, as far as the target goes along: 1 has lost PDUs sent again, 2 rebuilds lost connections "
     "within the session",
     "0"},
    {"--tls", "", "speak TLS to the target; its certificate is verified"},
    {"--tls-ca", "FILE|DIR", "PEM file or hashed directory of the authorities to trust", "the system's"},
    {"--tls-cert", "FILE", "PEM file with our certificate and its chain, where the target demands one"},
    {"--tls-key", "FILE", "PEM file with its private key, not readable by everybody"},
    {"--tls-server-name", "NAME", "host name or IP address that the target's certificate must bear", "the URL's host"},
    {"--tls-insecure", "", "accept any certificate: protects against no attacker; said on standard error"},
    {"--recovery",
     "for-ever|at-once|SECONDS",
     "how long commands wait while a lost session is rebuilt: for ever, not at all, or 1 to 86400 s",
     "120 s; target connect: for-ever"},
    {"--param",
     "KEY=VALUE",
     "offer this RFC 7143 key as it is; CHAP_A=8,7 sets the list of CHAP algorithms (5 MD5, 6 SHA-1, 7 SHA-256, "
     "8 SHA3-256)",
     "",
     many},
};

inline constexpr option_row discover_options[] = {
    {"--isns", "HOST[:PORT]", "ask this iSNS server instead of a portal; port 3205 unless given"},
    {"--watch", "", "with --isns: stay registered, and print the list again after each change, until interrupted"},
};

inline constexpr option_row connect_options[] = {
    {"--chap-secret", "NAME", "log in with this stored secret (see secret set)"},
    {"--mutual-secret", "NAME", "the target must prove this stored secret"},
    {"--mutual", "", "the target must prove the secret of chap set"},
    {"--register", "", "make the sessions persistent in the same act"},
    {"--another", "", "one more session where one to the same target and portal is live"},
    {"--owner", "TEXT", "free text stored with the session"},
    {"--label", "KEY=VALUE", "free label stored with the session", "", many},
};

inline constexpr option_row long_option[] = {
    {"--long", "", "a block of lines for each, with the property names of Windows' Get-IscsiSession"},
};

inline constexpr option_row add_portal_options[] = {
    {"--no-discovery", "", "do not ask it for targets now: it may be out of reach"},
    {"--chap-secret", "NAME", "log in with this stored secret (see secret set)"},
    {"--mutual-secret", "NAME", "the portal must prove this stored secret"},
    {"--mutual", "", "the portal must prove the secret of chap set"},
    {"--owner", "TEXT", "free text stored with the portal"},
    {"--label", "KEY=VALUE", "free label stored with the portal", "", many},
};

inline constexpr option_row all_option[] = {{"--all", "", "all there are"}};

inline constexpr option_row remove_portal_options[] = {
    {"--all", "", "all there are"},
    {"--yes", "", "do not ask on a terminal"},
};

inline constexpr option_row host_secret_options[] = {
    {"--user", "NAME", "CHAP name that targets answer with", "", required},
    {"--secret-file", "FILE", "file with the secret, mode 0600; - is standard input", "asked on the terminal"},
};

inline constexpr option_row filter_options[] = {
    {"--target", "IQN", "only of this target, exactly", "", many},
    {"--portal", "HOST:PORT", "only over this portal, as it was asked for", "", many},
    {"--isid", "HEX", "only with this ISID, 12 hexadecimal digits", "", many},
};

inline constexpr option_row session_filter_options[] = {
    {"--connection", "ID", "only the session that this connection belongs to", "", many},
    {"--tsih", "N", "only with this TSIH; hexadecimal after 0x", "", many},
    {"--connections", "N", "only with so many connections logged in", "", many},
};

inline constexpr option_row registration_filter_options[] = {
    {"--connections", "N", "only of sessions that shall have so many connections", "", many},
};

inline constexpr option_row scope_options[] = {
    {"--all", "", "all there are"},
    {"--target", "IQN", "all of this target, exactly"},
    {"--portal", "HOST:PORT", "all over this portal, as it was asked for"},
    {"--orphans", "", "all registrations that have no session"},
    {"--strict", "", "what is not registered counts as failed"},
};

inline constexpr option_row atomic_option[] = {{"--atomic", "", "all or nothing: one failed item undoes the others"}};
inline constexpr option_row export_options[] = {{"--output",
                                                 "FILE",
                                                 "where the backup goes, mode 0600; an existing file is replaced",
                                                 "standard output",
                                                 once,
                                                 "-o"}};
inline constexpr option_row import_options[] = {
    {"--replace", "", "also replace secrets and portals that are there and differ"}};
inline constexpr option_row dry_run_option[] = {{"--dry-run", "", "say what would happen and change nothing"}};

inline constexpr option_row job_option[] = {
    {"--job", "", "run in the daemon's background and print the id of the job at once; see job wait"}};

inline constexpr option_row pass_thru_option[] = {
    {"--pass-thru", "", "show each object before and after, as it stands in the table"}};

inline constexpr option_row disconnect_options[] = {
    {"--all", "", "all sessions"},
    {"--target", "IQN", "all sessions of this target, exactly"},
    {"--unregister", "", "make them come back never more: unregister first, then log out"},
    {"--yes", "", "do not ask on a terminal"},
};

inline constexpr option_row register_options[] = {
    {"--sessions", "N", "how many registrations the target shall have, 1 to 64", "1"},
};

inline constexpr option_row connection_options[] = {
    {"--session", "ID", "only of this session", "", many},
    {"--target", "IQN", "only to this target, exactly", "", many},
    {"--address", "ADDR[:PORT]", "only to this IP address of the target; with a port, only to that", "", many},
};

inline constexpr option_row secret_options[] = {
    {"--user", "NAME", "CHAP name that goes with the secret", "", required},
    {"--secret-file", "FILE", "file with the secret, mode 0600; - is standard input", "asked on the terminal"},
};

inline constexpr option_row man_options[] = {
    {"--directory", "DIR", "write every page into this directory, which must exist, instead of one to standard output"},
};

inline constexpr option_row range_options[] = {
    {"--lba", "N", "first block, in blocks of the logical unit", "", required},
    {"--blocks", "N", "number of blocks", "", required},
};

inline constexpr option_row read_options[] = {
    {"--lba", "N", "first block, in blocks of the logical unit", "0"},
    {"--blocks", "N", "number of blocks", "up to the end"},
    {"--output", "FILE", "where the data goes; an existing file is overwritten", "standard output", once, "-o"},
};

inline constexpr option_row pass_through_options[] = {
    {"--in", "N", "read up to N bytes"},
    {"--out", "FILE", "send the bytes of this file; - is standard input. With --in as well: both ways"},
    {"--output", "FILE", "where the bytes read go as they are; - is standard output", "a hex dump", once, "-o"},
    {"--keep-attentions", "", "no TEST UNIT READY before, which takes the unit attentions of a new session away"},
};

inline constexpr option_row write_options[] = {
    {"--lba", "N", "first block, in blocks of the logical unit", "", required},
    {"--input", "FILE", "where the data comes from", "standard input", once, "-i"},
    {"--pad", "", "fill a short last block with zeroes instead of refusing it"},
    {"--fua", "", "each write goes to the medium (Force Unit Access)"},
    {"--no-flush", "", "no SYNCHRONIZE CACHE after the last write"},
};

}  // namespace persiscsi::cli
