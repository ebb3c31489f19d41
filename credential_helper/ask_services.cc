// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/ask_services.h"

#include "common/base/names.h"
#include "common/line/line_client.h"
#include "common/line/line_message.h"
#include "credential_helper/ask_patd.h"
#include "credential_helper/helper_chain.h"
#include "credential_helper/standard_streams.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

namespace patd::credential_helper {
namespace {

using line::LineClient;

enum class Answer { Match, Nothing, Refusal };

Answer answer_in(const SecretBuffer& reply) {
    std::size_t consumed = 0;
    const auto message = line::LineMessage::parse(reply.reveal(), false, consumed);
    if (!message || !*message || (*message)->find("error"))
        return Answer::Refusal;
    return (*message)->empty() ? Answer::Nothing : Answer::Match;
}

Result<SecretBuffer> ask_system(SecretBuffer request, const char* socket) {
    LineClient client = TRY(LineClient::connect(socket));
    TRY(client.exchange_in_place(request));
    return request;
}

// `own` is what the own service said, which was no match.
Result<SecretBuffer> choose(Result<SecretBuffer> own, Result<SecretBuffer> system) {
    if (system && answer_in(*system) == Answer::Match)
        return system;
    if (!own || answer_in(*own) == Answer::Refusal)
        return own;
    // The own service knows nothing; that there is no other one is no fault then.
    return system ? std::move(system) : std::move(own);
}

// Goes on from what the own service said.
Result<SecretBuffer> ask_on(Verb verb, Result<SecretBuffer> own, SecretBuffer request,
                            const char* system) {
    const bool is_match = own && answer_in(*own) == Answer::Match;
    // Its `erase` has told of a token: the other one may know the same secret all the same.
    if (is_match && verb == Verb::Erase) {
        (void)ask_system(std::move(request), system);
        return own;
    }
    if (is_match || verb == Verb::Store || verb == Verb::Capability)
        return own;
    return choose(std::move(own), ask_system(std::move(request), system));
}

}  // namespace

OwnSocketPath own_socket_path() {
    constexpr std::string_view kBefore = "/run/user/";
    constexpr std::string_view kAfter = names::kUserLineSocket;
    constexpr std::size_t kDigits = std::numeric_limits<uid_t>::digits10 + 1;
    OwnSocketPath path{};
    static_assert(path.size() > kBefore.size() + kDigits + kAfter.size());
    char* end = std::copy(kBefore.begin(), kBefore.end(), path.begin());
    end = std::to_chars(end, end + kDigits, getuid()).ptr;
    std::copy(kAfter.begin(), kAfter.end(), end);
    return path;
}

Result<SecretBuffer> ask_services(Verb verb, int input, const Sockets& sockets,
                                  const Narrowing& narrowing) {
    const std::array<const char*, 2> paths{sockets.own, sockets.system};
    std::size_t found = 0;
    Result<LineClient> client = LineClient::connect_to_first(paths, found);
    if (!client || found > 0)
        return ask_patd(verb, input, {sockets.system, std::move(client)}, narrowing);
    SecretBuffer request = TRY(read_request(verb, input, narrowing));
    note_chain(request);
    // People type longer than a service waits.
    if (isatty(input) == 1)
        client = LineClient::connect(sockets.own);
    Result<SecretBuffer> own = client ? client->exchange(request) : client.error();
    return ask_on(verb, std::move(own), std::move(request), sockets.system);
}

Result<SecretBuffer> ask_services(Verb verb, SecretBuffer request, const Sockets& sockets) {
    Result<LineClient> client = LineClient::connect(sockets.own);
    if (!client)
        return ask_system(std::move(request), sockets.system);
    Result<SecretBuffer> own = client->exchange(request);
    return ask_on(verb, std::move(own), std::move(request), sockets.system);
}

}  // namespace patd::credential_helper
