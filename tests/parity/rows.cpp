// SPDX-License-Identifier: Apache-2.0
#include "tests/parity/rows.hpp"

namespace persiscsi::parity {
namespace {

using enum row::state;

#define DAEMON_TESTS "tests/integration/daemon/"
constexpr shown_by portal_keeps{DAEMON_TESTS "windows_parity_test.cpp",
                                "windows_parity.a_portal_keeps_what_it_was_added_with_and_shows_it"};
constexpr shown_by portals_piped{DAEMON_TESTS "windows_parity_test.cpp",
                                 "windows_parity.portals_are_refreshed_and_removed_by_name_or_by_pipe"};
constexpr shown_by target_found{DAEMON_TESTS "windows_parity_test.cpp",
                                "windows_parity.a_target_shows_its_properties_and_is_found_by_name_or_session"};
constexpr shown_by every_choice{DAEMON_TESTS "windows_parity_test.cpp",
                                "windows_parity.a_connect_takes_every_choice_and_the_session_shows_it"};
constexpr shown_by connection_shown{DAEMON_TESTS "windows_parity_test.cpp",
                                    "windows_parity.a_connection_shows_its_properties_and_is_found_by_its_relations"};
constexpr shown_by disconnected{DAEMON_TESTS "windows_parity_test.cpp",
                                "windows_parity.a_disconnect_is_rehearsed_then_done_by_id_target_or_pipe"};
constexpr shown_by registered_piped{DAEMON_TESTS "windows_parity_test.cpp",
                                    "windows_parity.sessions_are_registered_by_id_or_pipe"};
constexpr shown_by host_secret{DAEMON_TESTS "windows_parity_test.cpp",
                               "windows_parity.the_secret_of_this_host_is_set_once_and_targets_prove_it"};
constexpr shown_by spoken{DAEMON_TESTS "windows_parity_test.cpp",
                          "windows_parity.verbose_and_debug_speak_on_standard_error_only"};
constexpr shown_by in_background{DAEMON_TESTS "unregister_job_test.cpp",
                                 "unregister.case_30_a_job_that_is_cancelled_midway_says_what_was_done"};
constexpr shown_by by_name{DAEMON_TESTS "discovery_test.cpp", "discovery.a_discovered_target_is_connected_by_its_name"};
constexpr shown_by appeared{DAEMON_TESTS "discovery_test.cpp",
                            "discovery.refreshing_a_target_asks_the_portals_that_told_of_it"};
constexpr shown_by filters{DAEMON_TESTS "session_life_test.cpp",
                           "session_life.filters_of_lists_combine_and_an_empty_list_is_an_answer"};
constexpr shown_by properties{DAEMON_TESTS "session_life_test.cpp",
                              "session_life.a_session_has_the_properties_of_windows"};
constexpr shown_by lists{DAEMON_TESTS "session_life_test.cpp", "session_life.lists_are_filtered"};
constexpr shown_by busy{DAEMON_TESTS "session_life_test.cpp",
                        "session_life.the_same_session_asked_again_is_busy_unless_another_is_wanted"};
constexpr shown_by siblings{DAEMON_TESTS "unregister_places_test.cpp",
                            "unregister.case_13_of_a_target_registered_several_times_the_siblings_are_named"};
constexpr shown_by asked_portal{
    DAEMON_TESTS "unregister_places_test.cpp",
    "unregister.case_15_host_names_ports_and_the_case_of_names_are_compared_as_they_should_be"};
constexpr shown_by siblings_added{"tests/unit/daemon/registration_jobs_test.cpp",
                                  "registration_jobs.register_with_sessions_adds_siblings_up_to_that_number"};
constexpr shown_by pass_thru{DAEMON_TESTS "session_life_test.cpp",
                             "session_life.pass_thru_shows_what_the_table_held_before_and_after"};
constexpr shown_by keeps_io{DAEMON_TESTS "unregister_life_test.cpp",
                            "unregister.case_01_registered_and_connected_loses_persistence_and_keeps_its_io"};
constexpr shown_by keeps_chap{
    DAEMON_TESTS "unregister_life_test.cpp",
    "unregister.case_16_rediscovery_brings_nothing_back_and_registering_again_keeps_chap_and_digests"};
constexpr shown_by piped{DAEMON_TESTS "unregister_items_test.cpp",
                         "unregister.case_26_our_own_json_is_taken_and_foreign_or_broken_input_changes_nothing"};
constexpr shown_by atomic{DAEMON_TESTS "unregister_items_test.cpp",
                          "unregister.case_05_good_items_are_done_beside_a_bad_one_unless_atomic"};
constexpr shown_by rehearsed{DAEMON_TESTS "unregister_report_test.cpp",
                             "unregister.case_25_a_dry_run_reports_the_same_and_writes_nothing"};
constexpr shown_by one_document{"tests/cli/daemon_verbs_test.cpp",
                                "daemon_verbs.session_list_as_json_is_the_daemons_one_document"};
constexpr shown_by errors{"tests/cli/daemon_verbs_test.cpp",
                          "daemon_verbs.error_of_the_daemon_is_one_line_and_its_exit_code"};
constexpr shown_by not_asked{"tests/cli/target_verbs_test.cpp",
                             "daemon_verbs.disconnect_of_scripts_is_not_asked_about"};
constexpr shown_by nothing{};
#undef DAEMON_TESTS

constexpr std::string_view one_initiator = "there is one initiator instance; its name is what differs";
constexpr std::string_view no_filter = "no such filter; `--json` has the field";
constexpr std::string_view exports = "exports as block devices are not there yet";
constexpr std::string_view from_json = "objects come by pipe, as our `--json` prints them, and are looked up again";
constexpr std::string_view from_secret = "never on the command line; also by the name of a stored secret";

// clang-format off
constexpr row new_portal[] = {
    {"-AuthenticationType", otherwise, "portal add --chap-user --mutual-user", "follows from the secrets that are given", portal_keeps},
    {"-ChapSecret", same, "portal add --chap-secret-file, portal add --chap-secret", from_secret, portal_keeps},
    {"-ChapUsername", same, "portal add --chap-user", "", portal_keeps},
    {"-InitiatorInstanceName", otherwise, "portal add --initiator-name", one_initiator, portal_keeps},
    {"-InitiatorPortalAddress", same, "portal add --interface", "an IP address", portal_keeps},
    {"-IsDataDigest", same, "portal add --data-digest", "`none`, `crc32c` or `prefer`", portal_keeps},
    {"-IsHeaderDigest", same, "portal add --header-digest", "`none`, `crc32c` or `prefer`", portal_keeps},
    {"-TargetPortalAddress", same, "portal add ADDR[:PORT]", "", portal_keeps},
    {"-TargetPortalPortNumber", same, "portal add ADDR[:PORT]", "3260 unless given", portal_keeps},
};
constexpr row get_portal[] = {
    {"-InitiatorInstanceName", not_yet, "portal list --json", no_filter, nothing},
    {"-InitiatorPortalAddress", not_yet, "portal list --json", no_filter, nothing},
    {"-IsDataDigest", not_yet, "portal list --json", no_filter, nothing},
    {"-IsHeaderDigest", not_yet, "portal list --json", no_filter, nothing},
    {"-TargetPortalAddress", not_yet, "portal list --json", no_filter, nothing},
    {"-TargetPortalPortNumber", not_yet, "portal list --json", no_filter, nothing},
    {"-iSCSIConnection", not_yet, "connection list --json", "`remote_address` of the connection is where it goes", nothing},
    {"-iSCSISession", otherwise, "session list ID", "`portal` of the session is the one that was asked for", asked_portal},
    {"-iSCSITarget", otherwise, "target list IQN", "`discovered_by` names the portals", target_found},
};
constexpr row update_portal[] = {
    {"-InitiatorInstanceName", otherwise, "portal refresh ADDR[:PORT]", "a portal is asked as it was added", portals_piped},
    {"-InitiatorPortalAddress", otherwise, "portal refresh ADDR[:PORT]", "a portal is asked as it was added", portals_piped},
    {"-InputObject", same, "portal refresh -", from_json, portals_piped},
    {"-PassThru", otherwise, "portal refresh --all", "each result says how many places there are, came and went", portals_piped},
    {"-TargetPortalAddress", same, "portal refresh ADDR[:PORT]", "", portals_piped},
    {"-TargetPortalPortNumber", same, "portal refresh ADDR[:PORT]", "", portals_piped},
};
constexpr row remove_portal[] = {
    {"-Confirm", same, "portal remove --yes", "asked on a terminal only; `--yes` answers", portals_piped},
    {"-InitiatorInstanceName", otherwise, "portal remove ADDR[:PORT]", "address and port are the whole key", portals_piped},
    {"-InitiatorPortalAddress", otherwise, "portal remove ADDR[:PORT]", "address and port are the whole key", portals_piped},
    {"-InputObject", same, "portal remove -", from_json, portals_piped},
    {"-PassThru", otherwise, "portal remove ADDR[:PORT]", "each result names the portal, and who still uses that address", portals_piped},
    {"-TargetPortalAddress", same, "portal remove ADDR[:PORT]", "", portals_piped},
    {"-TargetPortalPortNumber", same, "portal remove ADDR[:PORT]", "", portals_piped},
    {"-WhatIf", same, "portal remove --dry-run", "", portals_piped},
};
constexpr row get_target[] = {
    {"-InitiatorPort", not_yet, "", "targets are not told apart by initiator", nothing},
    {"-IscsiConnection", not_yet, "connection list --json", "`session_id` of the connection leads to the session and its target", nothing},
    {"-IscsiSession", same, "target list -", from_json, target_found},
    {"-IscsiTargetPortal", not_yet, "target list --json", "no such filter; `discovered_by` names the portals", nothing},
    {"-NodeAddress", same, "target list IQN", "exactly; `*` stands for itself", target_found},
};
constexpr row update_target[] = {
    {"-InitiatorPort", not_yet, "", "targets are not told apart by initiator", nothing},
    {"-InputObject", same, "target refresh -", from_json, target_found},
    {"-IscsiConnection", not_yet, "connection list --json", "`session_id` of the connection leads to the session and its target", nothing},
    {"-IscsiSession", same, "target refresh -", from_json, target_found},
    {"-IscsiTargetPortal", otherwise, "portal refresh ADDR[:PORT]", "asks that portal", portals_piped},
    {"-NodeAddress", same, "target refresh IQN", "", appeared},
    {"-PassThru", otherwise, "target refresh --all", "a result for each portal that was asked", appeared},
};
constexpr row connect_target[] = {
    {"-AuthenticationType", otherwise, "target connect --chap-user --mutual-user", "follows from the secrets that are given", every_choice},
    {"-ChapSecret", same, "target connect --chap-secret-file, target connect --chap-secret", from_secret, every_choice},
    {"-ChapUsername", same, "target connect --chap-user", "", every_choice},
    {"-InitiatorInstanceName", otherwise, "target connect --initiator-name", one_initiator, every_choice},
    {"-InitiatorPortalAddress", same, "target connect --interface", "an IP address", every_choice},
    {"-InputObject", not_yet, "target connect URL", "one target at a time, by name; not by pipe", nothing},
    {"-IsDataDigest", same, "target connect --data-digest", "`none`, `crc32c` or `prefer`", every_choice},
    {"-IsHeaderDigest", same, "target connect --header-digest", "`none`, `crc32c` or `prefer`", every_choice},
    {"-IsMultipathEnabled", otherwise, "target connect --another", "allows one more session to the same place; no paths are joined", busy},
    {"-IsPersistent", same, "target connect --register", "in the same act: both or neither", every_choice},
    {"-NodeAddress", same, "target connect URL", "a URL, or the name of a discovered target", by_name},
    {"-ReportToPnP", not_yet, "", "no session has disks: exports as block devices are not there yet", nothing},
    {"-TargetPortalAddress", same, "target connect URL", "the host of the URL", every_choice},
    {"-TargetPortalPortNumber", same, "target connect URL", "the port of the URL", every_choice},
};
constexpr row disconnect_target[] = {
    {"-Confirm", same, "target disconnect --yes", "asked on a terminal only; `--yes` answers", not_asked},
    {"-InputObject", same, "target disconnect -", from_json, disconnected},
    {"-NodeAddress", same, "target disconnect --target", "exactly", disconnected},
    {"-PassThru", same, "target disconnect --pass-thru", "before and after, read from the table", pass_thru},
    {"-SessionIdentifier", same, "target disconnect ID", "several at once", disconnected},
    {"-WhatIf", same, "target disconnect --dry-run", "", disconnected},
};
constexpr row get_session[] = {
    {"-Disk", not_yet, "", exports, nothing},
    {"-InitiatorPort", not_yet, "session list --json", no_filter, nothing},
    {"-InitiatorSideIdentifier", same, "session list --isid", "", filters},
    {"-IscsiConnection", same, "session list --connection", "", filters},
    {"-IscsiTarget", same, "session list --target", "", lists},
    {"-IscsiTargetPortal", same, "session list --portal", "as it was asked for", lists},
    {"-NumberOfConnections", same, "session list --connections", "", filters},
    {"-SessionIdentifier", same, "session list ID", "filters combine freely", connection_shown},
    {"-TargetSideIdentifier", same, "session list --tsih", "", filters},
};
constexpr row register_session[] = {
    {"-ChapSecret", otherwise, "session register ID", "the secrets of the login are registered; none need be repeated", keeps_chap},
    {"-ChapUsername", otherwise, "session register ID", "as -ChapSecret", keeps_chap},
    {"-InputObject", same, "session register -", from_json, registered_piped},
    {"-IsMultipathEnabled", otherwise, "session register --sessions", "a number of registrations; no paths are joined", siblings_added},
    {"-PassThru", same, "session register --pass-thru", "before and after, read from the table", pass_thru},
    {"-SessionIdentifier", same, "session register ID", "again is no error, and said", pass_thru},
};
constexpr row unregister_session[] = {
    {"-InputObject", same, "session unregister -", from_json, piped},
    {"-PassThru", same, "session unregister --pass-thru", "before and after, read from the table", pass_thru},
    {"-SessionIdentifier", same, "session unregister ID, registration remove ID", "literally; also without a live session", keeps_io},
};
constexpr row get_connection[] = {
    {"-ConnectionIdentifier", not_yet, "connection list --json", no_filter, nothing},
    {"-Disk", not_yet, "", exports, nothing},
    {"-InitiatorPort", not_yet, "session list --json", no_filter, nothing},
    {"-InitiatorPortalAddress", not_yet, "connection list --json", no_filter, nothing},
    {"-InitiatorPortalPortNumber", not_yet, "connection list --json", no_filter, nothing},
    {"-InitiatorSideIdentifier", otherwise, "session list --isid, connection list --session", "in two steps", connection_shown},
    {"-InititorIPAdressListNumber", not_yet, "connection list --json", "our addresses have no numbers; `local_address` is the address", nothing},
    {"-IscsiSession", same, "connection list --session", "", connection_shown},
    {"-IscsiTarget", same, "connection list --target", "", connection_shown},
    {"-TargetSideIdentifier", otherwise, "session list --tsih, connection list --session", "in two steps", connection_shown},
    {"-iSCSITargetPortal", same, "connection list --address", "the address that it is connected to", connection_shown},
};
constexpr row set_chap_secret[] = {
    {"-ChapSecret", same, "chap set --secret-file", "or asked on the terminal; never on the command line", host_secret},
};

constexpr row common[] = {
    {"-AsJob", same, "session unregister --job", "`job wait` ends as the command would have", in_background},
    {"-CimSession", not_yet, "", "will be `--host`", nothing},
    {"-ThrottleLimit", not_yet, "", "will be `--throttle-limit`", nothing},
    {"-Debug", same, "session list --debug", "", spoken},
    {"-ErrorAction", otherwise, "session unregister --atomic", "good items are done beside bad ones; `--atomic` is Stop with nothing done", atomic},
    {"-ErrorVariable", otherwise, "session list --json", "standard error, and `message` of each item", errors},
    {"-InformationAction", otherwise, "session list", "standard output and standard error are apart", spoken},
    {"-InformationVariable", otherwise, "session list --json", "the caller's shell keeps what is printed", one_document},
    {"-OutBuffer", otherwise, "session list --json", "one document, printed at once", one_document},
    {"-OutVariable", otherwise, "session list --json", "the caller's shell keeps what is printed", one_document},
    {"-PipelineVariable", otherwise, "session unregister -", from_json, piped},
    {"-Verbose", same, "session list --verbose", "", spoken},
    {"-WarningAction", otherwise, "session list", "nothing is on standard error on success", spoken},
    {"-WarningVariable", otherwise, "session list --json", "`message` and `returns_because` of each item", siblings},
    {"-WhatIf", same, "session unregister --dry-run", "of every command that changes something, on Windows of two", rehearsed},
};

constexpr row session_properties[] = {
    {"AuthenticationType", same, "authentication_type", "", properties},
    {"InitiatorInstanceName", same, "initiator_instance_name", "always `persiscsid`", properties},
    {"InitiatorNodeAddress", same, "initiator_node_address", "", properties},
    {"InitiatorPortalAddress", same, "initiator_portal_address", "", properties},
    {"InitiatorSideIdentifier", same, "initiator_side_identifier", "begins with `0x`", properties},
    {"IsConnected", same, "is_connected", "`state` has more", properties},
    {"IsDataDigest", same, "is_data_digest", "", properties},
    {"IsDiscovered", same, "is_discovered", "", by_name},
    {"IsHeaderDigest", same, "is_header_digest", "", properties},
    {"IsMultipathEnabled", same, "is_multipath_enabled", "always false", properties},
    {"IsPersistent", same, "is_persistent", "read from the table", keeps_io},
    {"NumberOfConnections", same, "number_of_connections", "", properties},
    {"SessionIdentifier", same, "session_identifier", "", properties},
    {"TargetNodeAddress", same, "target_node_address", "", properties},
    {"TargetSideIdentifier", same, "target_side_identifier", "a number", properties},
    {"PSComputerName", not_yet, "", "will be `--host`", nothing},
};
constexpr row target_properties[] = {
    {"IsConnected", same, "is_connected", "", target_found},
    {"NodeAddress", same, "node_address", "", target_found},
    {"PSComputerName", not_yet, "", "will be `--host`", nothing},
};
constexpr row portal_properties[] = {
    {"InitiatorInstanceName", otherwise, "initiator_name", one_initiator, portal_keeps},
    {"InitiatorPortalAddress", same, "initiator_portal_address", "null where the system chooses", portal_keeps},
    {"IsDataDigest", same, "is_data_digest", "`data_digest` has the wish", portal_keeps},
    {"IsHeaderDigest", same, "is_header_digest", "`header_digest` has the wish", portal_keeps},
    {"TargetPortalAddress", same, "target_portal_address", "", portal_keeps},
    {"TargetPortalPortNumber", same, "target_portal_port_number", "", portal_keeps},
    {"PSComputerName", not_yet, "", "will be `--host`", nothing},
};
constexpr row connection_properties[] = {
    {"ConnectionIdentifier", otherwise, "id", "the session's id and the CID", connection_shown},
    {"InitiatorAddress", otherwise, "local_address", "with the port", connection_shown},
    {"InitiatorPortNumber", otherwise, "local_address", "after the last colon", connection_shown},
    {"TargetAddress", otherwise, "remote_address", "with the port", connection_shown},
    {"TargetPortNumber", otherwise, "remote_address", "after the last colon", connection_shown},
    {"PSComputerName", not_yet, "", "will be `--host`", nothing},
};

constexpr topic all_cmdlets[] = {
    {"New-IscsiTargetPortal", "portal add", new_portal},
    {"Get-IscsiTargetPortal", "portal list", get_portal},
    {"Update-IscsiTargetPortal", "portal refresh", update_portal},
    {"Remove-IscsiTargetPortal", "portal remove", remove_portal},
    {"Get-IscsiTarget", "target list", get_target},
    {"Update-IscsiTarget", "target refresh", update_target},
    {"Connect-IscsiTarget", "target connect", connect_target},
    {"Disconnect-IscsiTarget", "target disconnect", disconnect_target},
    {"Get-IscsiSession", "session list", get_session},
    {"Register-IscsiSession", "session register", register_session},
    {"Unregister-IscsiSession", "session unregister, registration remove", unregister_session},
    {"Get-IscsiConnection", "connection list", get_connection},
    {"Set-IscsiChapSecret", "chap set", set_chap_secret},
};
constexpr topic all_classes[] = {
    {"MSFT_iSCSISession", "session list --json", session_properties},
    {"MSFT_iSCSITarget", "target list --json", target_properties},
    {"MSFT_iSCSITargetPortal", "portal list --json", portal_properties},
    {"MSFT_iSCSIConnection", "connection list --json", connection_properties},
};
// clang-format on

}  // namespace

std::span<const topic> cmdlets() {
    return all_cmdlets;
}
std::span<const row> common_parameters() {
    return common;
}
std::span<const topic> classes() {
    return all_classes;
}

}  // namespace persiscsi::parity
