// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/yescrypt.h"

#include "common/password/password_rules.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace patd::password {
namespace {

constexpr std::string_view kPrefix = "$y$";
constexpr std::size_t kHashDigits = 43;
constexpr std::size_t kSaltBytes = 16;
constexpr int kCalibrationLow = 5;
constexpr int kCalibrationHigh = 8;
constexpr std::chrono::milliseconds kWantedTime{60};

using Setting = std::array<char, CRYPT_GENSALT_OUTPUT_SIZE>;
using Salt = std::array<std::uint8_t, kSaltBytes>;

std::string_view chars_of(std::span<const char> bytes) {
    return {bytes.data(), bytes.size()};
}

bool is_crypt_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c == '.' || c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
    });
}

// Takes the text up to the next '$' off the front of `rest`, or all of it if there is none.
std::string_view next_field(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('$'), rest.size());
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return field;
}

Result<Setting> make_setting(int cost, const Salt& salt) {
    Setting setting{};
    if (cost < kCostMin || cost > kCostMax)
        return Error{Errc::Internal, "yescrypt cost"};
    // crypt_gensalt_rn takes the random bytes as char (crypt_gensalt(3)).
    const auto* bytes = reinterpret_cast<const char*>(salt.data());
    if (crypt_gensalt_rn(kPrefix.data(), static_cast<unsigned long>(cost), bytes, kSaltBytes,
                         setting.data(), static_cast<int>(setting.size())) == nullptr)
        return Error{Errc::Internal, "crypt_gensalt_rn"};
    return setting;
}

// crypt_r(3) with its 32 KiB of state, which holds the password and what is derived from it, in
// memory that is wiped.
Result<PasswordHash> run_crypt(const ServicePassword& password, const char* setting) {
    if (!is_well_formed(password.reveal()))
        return Errc::InvalidPassword;
    SecretBuffer state(sizeof(crypt_data));
    // Fresh pages are zero, as crypt_r requires, and aligned for any type.
    auto* data = reinterpret_cast<crypt_data*>(state.free_space().data());
    state.grow(sizeof(crypt_data));
    const char* text = crypt_r(password.reveal_c_str(), setting, data);
    if (text == nullptr || text[0] == '*' || !is_yescrypt(text))
        return Error{Errc::Internal, "crypt_r"};
    return PasswordHash(SecretBuffer::copy_of({text, std::strlen(text)}));
}

}  // namespace

bool is_yescrypt(std::string_view text) {
    if (!text.starts_with(kPrefix) || text.size() >= CRYPT_OUTPUT_SIZE)
        return false;
    std::string_view rest = text.substr(kPrefix.size());
    const std::string_view parameters = next_field(rest);
    const std::string_view salt = next_field(rest);
    return is_crypt_digits(parameters) && is_crypt_digits(salt) && rest.size() == kHashDigits &&
           is_crypt_digits(rest);
}

std::optional<int> cost_of(const PasswordHash& hash) {
    const std::string_view text = chars_of(hash.reveal());
    for (int cost = kCostMin; cost <= kCostMax; ++cost) {
        const Result<Setting> setting = make_setting(cost, Salt{});
        if (!setting)
            return std::nullopt;
        const std::string_view all(setting.value().data());
        if (text.starts_with(all.substr(0, all.find('$', kPrefix.size()) + 1)))
            return cost;
    }
    return std::nullopt;
}

Result<PasswordHash> hash_password(const ServicePassword& password, int cost, Random& random) {
    Salt salt{};
    TRY(random.fill(salt));
    const Setting setting = TRY(make_setting(cost, salt));
    return run_crypt(password, setting.data());
}

Result<bool> matches(const ServicePassword& password, const PasswordHash& hash) {
    if (!is_yescrypt(chars_of(hash.reveal())))
        return Error{Errc::Corrupt, "stored password hash"};
    const PasswordHash computed = TRY(run_crypt(password, hash.reveal_c_str()));
    return constant_time_equal(computed.reveal(), hash.reveal());
}

Result<void> hash_dummy(const ServicePassword& password, int cost) {
    const Setting setting = TRY(make_setting(cost, Salt{}));
    TRY(run_crypt(password, setting.data()));
    return {};
}

int choose_cost(const std::function<std::chrono::milliseconds(int cost)>& measure) {
    for (int cost = kCalibrationLow; cost < kCalibrationHigh; ++cost) {
        if (measure(cost) >= kWantedTime)
            return cost;
    }
    return kCalibrationHigh;
}

std::chrono::milliseconds measure_cost(int cost) {
    const ServicePassword sample(SecretBuffer::copy_of(std::string_view("calibration")));
    const auto start = std::chrono::steady_clock::now();
    // A cost that fails here counts as fast; the failure shows where the cost is used.
    (void)hash_dummy(sample, cost);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start);
}

}  // namespace patd::password
