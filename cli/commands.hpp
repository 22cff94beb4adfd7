// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/options.hpp"
#include "cli/verbs.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace persiscsi::cli {

/// What a command works on, after its name.
struct operand_row {
    std::string_view name;  ///< "URL"; empty: the command takes none
    std::size_t least = 0;
    std::size_t most = 0;
    std::string_view help = {};
};

/// One command: the parser, --help and the manual are derived from it.
struct command_row {
    std::string_view noun;  ///< empty where the verb stands alone
    std::string_view verb;
    std::string_view summary;
    operand_row operand;
    std::array<std::span<const option_row>, 5> options;  ///< its own; the global ones come on top
    std::string_view details;
    std::string_view example;
    exit_code (*run)(invocation& line, console& out);

    [[nodiscard]] std::string name() const { return (noun.empty() ? "" : std::string(noun) + " ") + std::string(verb); }
};

inline constexpr std::size_t any_number = 100000;

inline constexpr operand_row no_operand{};
inline constexpr operand_row one_place{
    "URL", 1, 1, "iscsi://[user@]host[:port]/target-iqn[/lun], or session:ID[/LUN] of the daemon; LUN 0 unless given"};
inline constexpr operand_row one_lun{
    "URL", 1, 1, "iscsi://[user@]host[:port]/target-iqn/lun, or session:ID/LUN of the daemon; the LUN is not optional"};
inline constexpr operand_row session_ids{
    "ID", 0, any_number, "session ids; - reads ids or our --json from standard input"};
inline constexpr operand_row any_ids{
    "ID", 0, any_number, "session or registration ids; - reads ids or our --json from standard input"};
inline constexpr operand_row portal_names{
    "ADDR[:PORT]", 0, any_number, "discovery portals; - reads them or our --json from standard input"};
inline constexpr operand_row target_names{
    "IQN", 0, any_number, "names of targets, exactly; - reads names or our --json from standard input"};
inline constexpr operand_row registration_ids{
    "ID", 0, any_number, "registration ids; - reads ids or our --json from standard input"};

inline constexpr operand_row job_ids{"ID", 1, any_number, "job ids; - reads ids or our --json from standard input"};

inline constexpr command_row commands[] = {
    {"",
     "discover",
     "ask a portal or an iSNS server for targets",
     {"ADDR[:PORT]", 0, 1, "IP address (IPv6 in brackets) or host name; port 3260 unless given"},
     {discover_options, login_options_table},
     "Logs in to a discovery session, asks SendTargets=All and logs out. With --isns: asks that server for the targets "
     "in our discovery domains; our name is registered there for that time where it is not known. Needs no daemon.",
     "persiscsi discover 192.0.2.7:3260",
     discover},
    {"",
     "luns",
     "list the logical units of a target",
     one_place,
     {login_options_table},
     "REPORT LUNS, then INQUIRY and READ CAPACITY of each. Sizes are bytes.",
     "persiscsi luns iscsi://192.0.2.7/iqn.2024-01.com.example:disk1",
     luns},
    {"",
     "inquiry",
     "show who a logical unit is",
     one_place,
     {login_options_table},
     "INQUIRY: the standard data, the serial number (VPD page 80h) and the identifiers (VPD page 83h).",
     "persiscsi inquiry iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0",
     inquiry},
    {"",
     "capacity",
     "show the size of a logical unit",
     one_place,
     {login_options_table},
     "READ CAPACITY (16), or (10) where the target knows no other. Sizes are bytes.",
     "persiscsi capacity --json iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0",
     capacity},
    {"",
     "ready",
     "ask whether a logical unit is ready",
     one_place,
     {login_options_table},
     "TEST UNIT READY. Not ready is exit code 10 with the sense data in the message.",
     "persiscsi ready iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0",
     ready},
    {"",
     "read",
     "copy blocks of a logical unit to a file or standard output",
     one_place,
     {read_options, login_options_table},
     "Reads with several requests in flight. A file that was created and could not be finished is removed. With the "
     "data on standard output --json is refused.",
     "persiscsi read iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0 --lba 0 --blocks 2048 -o first-mebibyte",
     read_blocks},
    {"",
     "write",
     "copy a file or standard input to blocks of a logical unit",
     one_lun,
     {write_options, dry_run_option, login_options_table},
     "Writes with several requests in flight and ends with a flush, so that success means: on the medium. The size of "
     "a "
     "file is checked against the logical unit before anything is written; that of a stream only as it arrives.",
     "persiscsi write iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0 --lba 0 -i image.raw",
     write_blocks},
    {"",
     "flush",
     "make a logical unit write its cache to the medium",
     one_place,
     {login_options_table},
     "SYNCHRONIZE CACHE of the whole logical unit.",
     "persiscsi flush iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0",
     flush},
    {"",
     "unmap",
     "tell a logical unit that blocks are not needed any more",
     one_lun,
     {range_options, dry_run_option, login_options_table},
     "UNMAP. The data of the blocks is lost. Not through session:ID in this version.",
     "persiscsi unmap iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0 --lba 2048 --blocks 2048",
     unmap},
    {"",
     "scsi",
     "send any SCSI command (CDB) to a logical unit",
     {"URL CDB",
      2,
      261,
      "iscsi://[user@]host[:port]/target-iqn/lun; the LUN is not optional. CDB: 6 to 260 bytes in hexadecimal digits, "
      "in "
      "one word or several"},
     {pass_through_options, dry_run_option, login_options_table},
     "Prints status, sense data, residuals and the bytes read. The command is sent as it is and once: commands that "
     "destroy data (WRITE, UNMAP, FORMAT UNIT, SANITIZE, ...) destroy them, and nobody asks first. A status other than "
     "GOOD is exit code 10. --timeout bounds the SCSI command too, which has 60 s otherwise. Not through session:ID in "
     "this version.",
     "persiscsi scsi iscsi://192.0.2.7/iqn.2024-01.com.example:disk1/0 12 00 00 00 60 00 --in 96",
     pass_through},
    {"portal",
     "add",
     "add a discovery portal and ask it for targets",
     {"ADDR[:PORT]", 1, 1, "IP address (IPv6 in brackets) or host name; port 3260 unless given"},
     {add_portal_options, login_options_table, dry_run_option, job_option},
     "It is added only if it answers, unless --no-discovery is given. One at the same address gets the new settings. "
     "Discovery never changes a session or a registration.",
     "persiscsi portal add 192.0.2.7",
     portal_add},
    {"portal",
     "list",
     "list the discovery portals",
     no_operand,
     {},
     "PLACES is how many addresses of targets the last answer had.",
     "persiscsi portal list",
     portal_list},
    {"portal",
     "refresh",
     "ask discovery portals for targets again",
     portal_names,
     {all_option, dry_run_option, job_option},
     "Several at once, at most 30 s each. A portal that does not answer leaves what it told before as it is.",
     "persiscsi portal refresh --all",
     portal_refresh},
    {"portal",
     "remove",
     "remove discovery portals",
     portal_names,
     {remove_portal_options, dry_run_option, job_option},
     "What only they told of is forgotten. Sessions and registrations over that address are shown, and stay. Asks "
     "first "
     "on a terminal.",
     "persiscsi portal remove 192.0.2.7:3260",
     portal_remove},
    {"target",
     "list",
     "list targets that were discovered or are in use",
     target_names,
     {},
     "A target is stale when the last answer of each portal that told of it did not have it any more.",
     "persiscsi target list",
     target_list},
    {"target",
     "refresh",
     "ask the portals that told of targets again",
     target_names,
     {all_option, dry_run_option, job_option},
     "One result for each portal that was asked.",
     "persiscsi target refresh iqn.2024-01.com.example:disk1",
     target_refresh},
    {"target",
     "connect",
     "make the daemon log in to a target",
     {"URL", 1, 1, "iscsi://[user@]host[:port]/target-iqn, or the name of a discovered target"},
     {connect_options, login_options_table, dry_run_option, job_option},
     "Answers when all the sessions are logged in and recorded; if one fails there is none. A secret from a file is "
     "stored sealed by the daemon. Where a live session to the same target and portal exists, the answer is busy "
     "unless "
     "--another or --sessions is given.",
     "persiscsi target connect iscsi://192.0.2.7/iqn.2024-01.com.example:disk1 --register",
     target_connect},
    {"target",
     "disconnect",
     "log sessions out",
     session_ids,
     {disconnect_options, dry_run_option, job_option, pass_thru_option},
     "A registered session comes back after a reboot unless --unregister is given. Asks first on a terminal.",
     "persiscsi target disconnect --target iqn.2024-01.com.example:disk1 --unregister",
     target_disconnect},
    {"session",
     "list",
     "list the daemon's sessions",
     session_ids,
     {long_option, filter_options, session_filter_options},
     "Filters of one kind add up, those of different kinds narrow. An empty list is success.",
     "persiscsi session list --target iqn.2024-01.com.example:disk1",
     session_list},
    {"session",
     "show",
     "show everything about a session",
     {"ID", 1, 1, "session id"},
     {},
     "Addresses, negotiated values, the last error, and the fields Windows shows of a session.",
     "persiscsi session show 4000013700a1b2c3-0000000000000001",
     session_show},
    {"session",
     "wait",
     "wait until sessions are logged in",
     session_ids,
     {},
     "Without ids: every registered session. Waits for ever unless --timeout is given; then exit code 11 says what is "
     "missing.",
     "persiscsi session wait --timeout 60",
     session_wait},
    {"session",
     "register",
     "make sessions persistent: they come back after a reboot",
     session_ids,
     {register_options, atomic_option, dry_run_option, job_option, pass_thru_option},
     "A session that is registered already stays so, and that is said.",
     "persiscsi session register 4000013700a1b2c3-0000000000000001",
     session_register},
    {"session",
     "unregister",
     "make sessions not persistent: they stay connected and will not come back after a reboot",
     any_ids,
     {scope_options, atomic_option, dry_run_option, job_option, pass_thru_option},
     "The sessions stay logged in and their I/O goes on. The answer comes when the change is on disk.",
     "persiscsi session list --json | persiscsi session unregister -",
     session_unregister},
    {"registration",
     "list",
     "list what comes back after a reboot",
     registration_ids,
     {filter_options, registration_filter_options},
     "Registrations exist with or without a live session. Filters of one kind add up, those of different kinds "
     "narrow. An empty list is success.",
     "persiscsi registration list",
     registration_list},
    {"registration",
     "show",
     "show everything about a registration",
     {"ID", 1, 1, "registration id"},
     {},
     "All that a login after a reboot uses. Secrets are shown by name only.",
     "persiscsi registration show reg-7",
     registration_show},
    {"registration",
     "remove",
     "remove registrations",
     registration_ids,
     {scope_options, atomic_option, dry_run_option, job_option, pass_thru_option},
     "As session unregister, by registration id. A live session stays connected.",
     "persiscsi registration remove --orphans",
     registration_remove},
    {"connection",
     "list",
     "list the TCP connections of sessions",
     no_operand,
     {connection_options},
     "Filters of one kind add up, those of different kinds narrow. An empty list is success.",
     "persiscsi connection list --session 4000013700a1b2c3-0000000000000001",
     connection_list},
    {"boot",
     "preview",
     "show who will log in after the next reboot, and why",
     no_operand,
     {},
     "Registrations, and live sessions that will not come back. Computed as a boot does it; changes nothing, and asks "
     "no target.",
     "persiscsi boot preview",
     boot_preview},
    {"chap",
     "set",
     "store the secret that targets prove to this host (mutual CHAP)",
     no_operand,
     {host_secret_options, dry_run_option, job_option},
     "One for the host, kept as the stored secret host-mutual. target connect --mutual and portal add --mutual ask for "
     "it.",
     "persiscsi chap set --user array --secret-file host.chap",
     chap_set},
    {"secret",
     "set",
     "store a CHAP name and secret under a name",
     {"NAME", 1, 1, "what other commands call it"},
     {secret_options, dry_run_option, job_option},
     "Replaces an older one of that name. No command ever shows a secret.",
     "persiscsi secret set array-7 --user backup-host --secret-file array-7.chap",
     secret_set},
    {"secret", "list", "list the stored secrets by name", no_operand, {}, "", "persiscsi secret list", secret_list},
    {"secret",
     "remove",
     "remove stored secrets",
     {"NAME", 1, any_number, "names of secrets"},
     {dry_run_option, job_option},
     "A secret that a session or registration uses is refused, and its users are named.",
     "persiscsi secret remove array-7",
     secret_remove},
    {"job",
     "list",
     "list requests that run in the background, and those that have ended",
     no_operand,
     {},
     "Begun by --job. The daemon keeps the last 256 that have ended, and none over a restart.",
     "persiscsi job list",
     job_list},
    {"job",
     "show",
     "show a job, with what its request was answered",
     {"ID", 1, 1, "job id"},
     {},
     "Its state is running, done, failed or cancelled. The results of single items are in the answer.",
     "persiscsi job show --json job-7",
     job_show},
    {"job",
     "wait",
     "wait until jobs have ended",
     job_ids,
     {},
     "Ends as the command would have ended that began the job; with several jobs that do not agree, with exit code 3. "
     "Waits for ever unless --timeout is given; then exit code 11, and the job goes on.",
     "persiscsi job wait job-7",
     job_wait},
    {"job",
     "cancel",
     "make jobs end early",
     job_ids,
     {},
     "What was done stays done, and job show says so item by item; what was not begun is not done. A connect that is "
     "cancelled leaves no session. A change of the table that has begun is done as a whole.",
     "persiscsi job cancel job-7",
     job_cancel},
    {"table",
     "export",
     "write registrations, portals and secrets to a backup",
     no_operand,
     {export_options},
     "One JSON document, the same with and without --json. Secrets are in it as they are sealed: without the key file "
     "of this host nobody can open them, so keep a copy of that too, elsewhere.",
     "persiscsi table export -o persiscsi-table.json",
     table_export},
    {"table",
     "import",
     "add what a backup has and the table lacks",
     {"FILE", 0, 1, "a backup; standard input unless given, or for -"},
     {import_options, atomic_option, dry_run_option},
     "Sealed secrets need the key file of the host that made the backup; without it they fail, and so do the "
     "registrations that use them. Live sessions stay as they are: what was added is logged in when the daemon starts "
     "the next time. What is there already stays; what is there and differs is refused.",
     "persiscsi table import persiscsi-table.json --dry-run",
     table_import},
    {"table",
     "rekey",
     "make a new key and seal every stored secret with it",
     no_operand,
     {dry_run_option},
     "In one step that is safe against a crash at any point. Secrets that do not open are told and stay as they are. A "
     "key file outside of the state directory (a systemd credential) is refused. A backup made before needs the old "
     "key: make a new one.",
     "persiscsi table rekey",
     table_rekey},
    {"",
     "doctor",
     "look for what is wrong, and say what to do",
     no_operand,
     {},
     "The daemon and its version, damaged rows, registrations that are not logged in and why, secrets unused or "
     "missing, what comes back after a reboot, state directory, free space, key file, boot id and clock. Each line "
     "begins with ok, warning or problem; a problem is exit code 3. Without a daemon: exit code 8, and only what can "
     "be seen from here. --quiet leaves out what is ok.",
     "persiscsi doctor",
     doctor},
    {"", "status", "show the daemon's state", no_operand, {}, "", "persiscsi status --json", status},
    {"",
     "version",
     "show the versions of this program and of the daemon",
     no_operand,
     {},
     "Success also where no daemon runs.",
     "persiscsi version",
     version},
    {"",
     "completion",
     "print the completion script of a shell",
     {"bash|zsh|fish", 1, 1, "the shell"},
     {},
     "Commands, options, choices and file names. Needs no daemon.",
     "persiscsi completion bash >persiscsi.bash",
     completion},
    {"",
     "man",
     "print a manual page",
     {"COMMAND", 0, 2, "the command, in one word or two; without it the page of the program"},
     {man_options},
     "Prints roff, for man(1) to read. Needs no daemon.",
     "persiscsi man session unregister | man -l -",
     man},
};

/// nullptr where there is no such command.
[[nodiscard]] const command_row* find_command(std::string_view noun, std::string_view verb);

}  // namespace persiscsi::cli
