// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/witness.h"

#include "common/base/hex.h"
#include "common/base/parse_number.h"
#include "common/base/witness_limits.h"

#include <algorithm>
#include <map>
#include <utility>

namespace patd::store {
namespace {

constexpr std::string_view kWitnessInfo("\0witness\0", 9);
constexpr std::string_view kWitnessForm("1\n");
constexpr std::string_view kNoToken("-");

constexpr std::array<std::pair<Death::Cause, std::string_view>, 5> kDeathNames{{
    {Death::Cause::Deleted, "deleted"},
    {Death::Cause::Regenerated, "regenerated"},
    {Death::Cause::Edited, "edited"},
    {Death::Cause::Quarantined, "quarantined"},
    {Death::Cause::Locked, "locked"},
}};

Error malformed_witness() {
    return Error{Errc::Corrupt, "the witness is damaged, or of another store"};
}

// Cuts the witness into its lines and words.
class WitnessReader {
  public:
    explicit WitnessReader(std::string_view text) : rest_(text) {}

    std::string_view word(char end) {
        const std::size_t size = rest_.find(end);
        const std::string_view found = rest_.substr(0, size);
        good_ &= size != std::string_view::npos;
        rest_.remove_prefix(std::min(rest_.size(), found.size() + 1));
        return found;
    }
    template <typename Number>
    Number number(char end) {
        const std::optional<Number> number = parse_number<Number>(word(end));
        good_ &= number.has_value() && *number >= 0;
        return number.value_or(0);
    }
    void expect(std::string_view name, char end) { good_ &= word(end) == name; }
    bool takes(std::string_view name) {
        const bool found = rest_.starts_with(name);
        rest_.remove_prefix(found ? name.size() : 0);
        return found;
    }
    void hex(std::span<std::uint8_t> bytes) {
        const std::string_view text = word('\n');
        good_ &= text.size() == 2 * bytes.size();
        for (std::size_t i = 0; good_ && i < bytes.size(); ++i) {
            const std::size_t high = kHexDigits.find(text[2 * i]);
            const std::size_t low = kHexDigits.find(text[2 * i + 1]);
            good_ = high < 16 && low < 16;
            bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        }
    }
    void fail() { good_ = false; }
    bool good() const { return good_; }
    std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
    bool good_ = true;
};

Death read_death(WitnessReader& reader) {
    Death death;
    death.generation = reader.number<std::int64_t>(' ');
    death.at = reader.number<UnixTime>(' ');
    const std::string_view name = reader.word(' ');
    const auto* const row =
        std::ranges::find(kDeathNames, name, [](const auto& known) { return known.second; });
    if (row == kDeathNames.end())
        reader.fail();
    else
        death.cause = row->first;
    death.owner = Uid(reader.number<std::uint32_t>(' '));
    const std::string_view token = reader.word(' ');
    death.token = TokenId::parse(token);
    if (!death.token && token != kNoToken)
        reader.fail();
    death.secret = reader.number<std::uint32_t>('\n');
    return death;
}

void read_count(WitnessReader& reader, Witness& witness) {
    std::string count(reader.word(' '));
    count += ' ';
    witness.count = parse_count(count.append(reader.word(' ')));
    witness.counted = reader.number<UnixTime>('\n');
    if (!witness.count)
        reader.fail();
}

// Whether `death`, an earlier one, counts no more after `now`.
bool is_cancelled(const Death& death, const Death& now) {
    using Cause = Death::Cause;
    if (now.cause == Cause::Locked || now.cause == Cause::Unlocked)
        return !death.token && death.owner == now.owner;
    if (!death.token || death.token != now.token)
        return false;
    // An older secret or other rights are still dead.
    if (now.cause == Cause::Revived)
        return death.cause == Cause::Deleted || death.cause == Cause::Quarantined;
    // Whoever is gone cannot come back with them.
    return now.cause == Cause::Deleted || death.cause == now.cause;
}

void drop_most(Witness& witness, std::size_t count) {
    std::map<std::uint32_t, std::size_t> of_owner;
    for (const Death& death : witness.deaths)
        ++of_owner[death.owner.value()];
    std::map<std::uint32_t, std::size_t> to_drop;
    for (; count > 0; --count) {
        const auto most =
            std::ranges::max_element(of_owner, {}, [](const auto& owner) { return owner.second; });
        --most->second;
        ++to_drop[most->first];
    }
    std::erase_if(witness.deaths, [&](const Death& death) {
        std::size_t& left = to_drop[death.owner.value()];
        if (left == 0)
            return false;
        --left;
        witness.dropped = std::max(witness.dropped, death.generation);
        return true;
    });
}

}  // namespace

std::string_view death_name(Death::Cause cause) {
    const auto* const row =
        std::ranges::find(kDeathNames, cause, [](const auto& known) { return known.first; });
    return row == kDeathNames.end() ? std::string_view() : row->second;
}

void add_deaths(Witness& witness, const std::vector<Death>& deaths) {
    for (const Death& now : deaths) {
        std::erase_if(witness.deaths, [&](const Death& death) { return is_cancelled(death, now); });
        if (now.cause != Death::Cause::Revived && now.cause != Death::Cause::Unlocked)
            witness.deaths.push_back(now);
    }
    if (witness.deaths.size() > limits::kWitnessDeaths)
        drop_most(witness, witness.deaths.size() - limits::kWitnessDeaths);
}

Result<std::string> format_witness(const Witness& witness, KeyedMac& key) {
    std::string text(kWitnessHead);
    text += std::to_string(witness.generation) + "\n";
    text.append(kWitnessForm);
    text += "store " + to_hex(witness.store) + "\n";
    text += "dropped " + std::to_string(witness.dropped) + "\n";
    if (witness.count) {
        text += "count " + format_count(*witness.count) + " ";
        text += std::to_string(witness.counted) + "\n";
    }
    for (const Death& death : witness.deaths) {
        text += "death " + std::to_string(death.generation) + " " + std::to_string(death.at) + " ";
        text.append(death_name(death.cause)) += " " + std::to_string(death.owner.value()) + " ";
        text.append(death.token ? death.token->view() : kNoToken);
        text += " " + std::to_string(death.secret) + "\n";
    }
    const Digest mac = TRY(key.mac({bytes_of(kWitnessInfo), bytes_of(text)}));
    return text += "mac " + to_hex(mac) + "\n";
}

Result<Witness> parse_witness(std::string_view text, KeyedMac& key) {
    WitnessReader reader(text);
    if (text.size() > limits::kWitnessBytes || !reader.takes(kWitnessHead))
        return malformed_witness();
    Witness witness;
    witness.generation = reader.number<std::int64_t>('\n');
    if (!reader.takes(kWitnessForm))
        return malformed_witness();
    reader.expect("store", ' ');
    reader.hex(witness.store);
    reader.expect("dropped", ' ');
    witness.dropped = reader.number<std::int64_t>('\n');
    if (reader.takes("count "))
        read_count(reader, witness);
    while (reader.good() && reader.takes("death "))
        witness.deaths.push_back(read_death(reader));
    const std::string_view bound = text.substr(0, text.size() - reader.rest().size());
    const Digest mac = TRY(key.mac({bytes_of(kWitnessInfo), bytes_of(bound)}));
    Digest stored{};
    reader.expect("mac", ' ');
    reader.hex(stored);
    if (!reader.good() || !reader.rest().empty() || !constant_time_equal(Bytes(mac), Bytes(stored)))
        return malformed_witness();
    return witness;
}

}  // namespace patd::store
