// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/chap.hpp"
#include "initiator/login/operational_keys.hpp"
#include "initiator/login/text_values.hpp"
#include "initiator/net/target_list.hpp"
#include "tests/fuzz/login_case.hpp"
#include "tests/fuzz/targets.hpp"

#include <charconv>

namespace persiscsi::fuzz {
namespace {

constexpr auto our_isid = pdu::isid{0x800000000001};

/// Remembers the challenge of the initiator, so that a target's right answer to it can be made.
class mutual_target {
  public:
    void hear(const login_dialogue::request& said) {
        const auto keys = pdu::parse_text(said.data).keys;
        if (const auto challenge = pdu::find_key(keys, "CHAP_C"))
            challenge_ = login::parse_binary(*challenge, login::max_chap_binary).value_or(bytes{});
        if (const auto identifier = pdu::find_key(keys, "CHAP_I"))
            identifier_ = static_cast<std::uint8_t>(login::parse_number(*identifier).value_or(0));
    }
    void choose(std::string_view text) {
        const auto at = text.find("CHAP_A=");
        if (at != std::string_view::npos) std::from_chars(text.data() + at + 7, text.data() + text.size(), algorithm_);
    }
    std::string proof() const {
        if (algorithm_ < 5 || algorithm_ > 8) return "0x00";
        const auto right = login::chap_response(
            static_cast<chap_algorithm>(algorithm_), identifier_, secret(mutual_secret), challenge_);
        return login::encode_hex(right.value_or(bytes{}));
    }

  private:
    bytes challenge_;
    std::uint8_t identifier_ = 0;
    unsigned algorithm_ = 0;
};

void check_failure(const failure& failed) {
    must(static_cast<bool>(failed.code), "a login that fails has an error");
    must(printable(failed.detail), "a peer's text is escaped");
    must(failed.detail.size() < 2000, "an error is one line");
    for (const auto secret : {own_secret, mutual_secret})
        must(failed.detail.find(secret) == std::string::npos, "no secret in an error");
}

void check_agreed(const negotiated& agreed, const login_options& wanted, bool proved) {
    const auto within = [](std::uint32_t value, std::uint32_t low, std::uint32_t high) {
        must(low <= value && value <= high, "a negotiated number is within its limits");
    };
    within(agreed.max_send_data_segment_length, 512, 0xffffff);
    within(agreed.max_recv_data_segment_length, 512, 0xffffff);
    within(agreed.max_burst_length, 512, 0xffffff);
    within(agreed.first_burst_length, 512, agreed.max_burst_length);
    within(agreed.max_outstanding_r2t, 1, 65535);
    within(agreed.max_connections, 1, wanted.wishes.max_connections);
    within(agreed.default_time2wait, 0, 3600);
    within(agreed.default_time2retain, 0, 3600);
    within(agreed.error_recovery_level, 0, wanted.wishes.error_recovery_level);
    must(agreed.header_digest || wanted.header_digest != digest_wish::crc32c, "a digest asked for is agreed on");
    must(!agreed.header_digest || wanted.header_digest != digest_wish::none, "a digest not offered is not used");
    must(!agreed.data_digest || wanted.data_digest != digest_wish::none, "a digest not offered is not used");
    must(!wanted.mutual_chap || (agreed.auth_method == "mutual CHAP" && proved), "who must prove itself has");
    must(!wanted.chap || agreed.auth_method != "None", "who wants authentication gets no login without");
    must(wanted.type == session_type::discovery || agreed.tsih != pdu::tsih::fresh, "a session has a TSIH");
    must(printable(agreed.target_alias), "an alias is escaped");
}

}  // namespace

login_options options_of(login_kind kind) {
    login_options options;
    options.initiator_name = "iqn.2024-01.example:initiator";
    options.target_name = "iqn.2024-01.example:disk1";
    options.isid = our_isid;
    options.wishes.max_connections = 4;
    options.wishes.error_recovery_level = 2;
    options.wishes.max_outstanding_r2t = 1;
    if (kind == login_kind::chap || kind == login_kind::mutual_chap)
        options.chap = chap_credentials{"alice", secret(own_secret)};
    if (kind == login_kind::mutual_chap) options.mutual_chap = chap_credentials{"storage", secret(mutual_secret)};
    if (kind == login_kind::discovery) {
        options.type = session_type::discovery;
        options.target_name.clear();
    }
    if (kind == login_kind::digests) {
        options.header_digest = digest_wish::crc32c;
        options.data_digest = digest_wish::prefer;
    }
    return options;
}

pdu::tsih tsih_of(login_kind kind) {
    return kind == login_kind::further_connection ? pdu::tsih{7} : pdu::tsih::fresh;
}

random_source counting() {
    return [next = 0U](std::span<std::byte> into) mutable {
        for (auto& byte : into) byte = static_cast<std::byte>(++next);
    };
}

login_dialogue::step play_login(input from) {
    for (const auto secret : {own_secret, mutual_secret})  // libFuzzer guesses what texts are compared with
        if (from.text().find(secret) != std::string_view::npos) return failure{};
    const auto kind = static_cast<login_kind>(from.below(static_cast<unsigned>(login_kind::kinds)));
    const auto options = options_of(kind);
    login_dialogue dialogue(options, tsih_of(kind), pdu::connection_id{3}, counting());
    mutual_target target;
    bool proved = false;
    auto step = dialogue.start();
    for (unsigned responses = 0; const auto* said = std::get_if<login_dialogue::request>(&step); ++responses) {
        must(responses <= 256, "a login ends");
        must(said->data.size() <= 8192, "a Login Request keeps to the default segment length");
        must(!(said->pdu.transit && said->pdu.continued), "T and C exclude each other");
        target.hear(*said);
        const auto flags = from.number();
        pdu::login_response response{
            .transit = (flags & 1U) != 0 && said->pdu.transit,
            .continued = (flags & 2U) != 0,
            .current_stage = said->pdu.current_stage,
            .next_stage = (flags & 4U) != 0 ? static_cast<pdu::login_stage>(from.below(4)) : said->pdu.next_stage,
            .isid = (flags & 8U) != 0 ? pdu::isid{from.number()} : our_isid,
            .tsih = pdu::tsih{static_cast<std::uint16_t>((flags & 16U) != 0 ? from.number() : 7)},
            .status = pdu::login_status{static_cast<std::uint16_t>((flags & 32U) != 0 ? from.number(2) : 0)},
        };
        std::string text(as_text(from.take(from.number((flags & 64U) != 0 ? 2 : 1))));
        target.choose(text);
        if (const auto at = text.find(right_proof); at != std::string::npos) {
            text.replace(at, right_proof.size(), target.proof());
            proved = true;
        }
        step = dialogue.on_response(response, std::as_bytes(std::span(text)));
    }
    if (const auto* failed = std::get_if<failure>(&step)) check_failure(*failed);
    if (const auto* agreed = std::get_if<negotiated>(&step)) check_agreed(*agreed, options, proved);
    if (const auto* redirect = std::get_if<login_dialogue::redirect>(&step))
        must(parse_portal(to_string(redirect->to)) == redirect->to, "a redirection leads to a portal");
    must(std::holds_alternative<failure>(dialogue.on_response({}, {})), "a login that is over stays over");
    return step;
}

void login_dialogue_text(input from) {
    (void)play_login(from);
}

void login_values(input from) {
    const auto text = from.text();
    if (const auto number = login::parse_number(text))
        must(login::parse_number(std::to_string(*number)) == number, "a number is what it prints as");
    if (const auto yes = login::parse_boolean(text)) must(text == (*yes ? "Yes" : "No"), "a boolean is Yes or No");
    constexpr std::size_t most = 64;
    if (const auto binary = login::parse_binary(text, most)) {
        must(!binary->empty() && binary->size() <= most, "a binary value keeps to its bound");
        must(login::parse_binary(login::encode_hex(*binary), most) == binary, "a binary value encodes back");
    }
    std::string joined;
    for (const auto piece : login::split_list(text)) {
        must(piece.find(',') == std::string_view::npos, "no comma in a piece");
        joined += (piece.data() == text.data() ? "" : ",") + std::string(piece);
    }
    must(joined == text, "a list is its pieces");
    for (const auto& key : login::operational_keys()) {
        const auto value = login::read_value(key, text);
        if (!value || key.form != login::value_form::number) continue;
        must(key.lowest <= *value && *value <= key.highest, "a number out of range is no value of a key");
        const auto result = login::combine(key, text, text);
        must(!result || login::read_value(key, *result).has_value(), "what two values give is a value");
    }
}

void send_targets(input from) {
    const auto parsed = pdu::parse_text(from.rest());
    if (parsed.error) return;
    const auto list = parse_target_list(parsed.keys, {"192.0.2.7", 3260});
    must(printable(list.failed.detail), "a peer's text is escaped");
    if (list.failed) return must(list.targets.empty(), "one illegal key spoils the answer");
    must(list.targets.size() <= parsed.keys.size(), "no more targets than keys");
    for (const auto& target : list.targets) {
        must(!target.name.empty() && target.name.size() <= 223, "a target has a name");
        must(!target.portals.empty(), "a target has a portal");
        for (const auto& at : target.portals)
            must(parse_portal(to_string(at.address)) == at.address, "a portal parses back");
    }
}

}  // namespace persiscsi::fuzz
