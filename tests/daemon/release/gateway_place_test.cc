// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/gateway_place.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::request_for;

constexpr char kGatewayUrl[] = "http://127.0.0.1:9200";

Origin gateway_origin() {
    return Origin::parse(kGatewayUrl).value();
}

TEST(GatewayPlace, OnlyTheGatewaysOwnOriginIsTheGateway) {
    EXPECT_TRUE(
        is_at_gateway(request_for(std::string(kGatewayUrl) + "/forge.example"), gateway_origin()));
    EXPECT_FALSE(is_at_gateway(request_for(kGatewayUrl), std::nullopt));
    for (const char* other : {"http://127.0.0.1", "https://127.0.0.1:9200", "http://localhost:9200",
                              "http://127.0.0.1:9201", "https://forge.example"})
        EXPECT_FALSE(is_at_gateway(request_for(other), gateway_origin())) << other;
}

TEST(GatewayPlace, ThePathBeginsWithTheForge) {
    const std::pair<const char*, const char*> places[] = {
        {"forge.example/team/repo.git", "https://forge.example/team/repo.git"},
        {"forge.example", "https://forge.example"},
        {"FORGE.example/Team", "https://forge.example/Team"},
        {"forge.example:8443/team", "https://forge.example:8443/team"},
        {"forge.example:443/team", "https://forge.example/team"},
    };
    for (const auto& [path, place] : places) {
        ReleaseRequest request = request_for(kGatewayUrl, "al");
        request.path = path;
        request.tool = "docker";
        const Result<ReleaseRequest> aimed = aim_at_forge(request);
        ASSERT_TRUE(aimed) << path;
        EXPECT_EQ(format_place(aimed->origin, aimed->path), place);
        EXPECT_EQ(aimed->gateway, gateway_origin());
        EXPECT_EQ(aimed->username, "al");
        EXPECT_EQ(aimed->tool, "docker");
    }
}

TEST(GatewayPlace, APathThatNamesNoForgeIsRefusedWithTheMend) {
    for (const char* path :
         {"", "al@forge.example/team", "forge..example", "*", "%66orge.example"}) {
        ReleaseRequest request = request_for(kGatewayUrl);
        request.path = path;
        const Result<ReleaseRequest> aimed = aim_at_forge(request);
        ASSERT_FALSE(aimed) << path;
        EXPECT_EQ(aimed.error().code, Errc::ThroughGateway);
        EXPECT_NE(aimed.error().context.find("patctl setup gateway"), std::string::npos);
    }
    ReleaseRequest odd = request_for(kGatewayUrl);
    odd.has_odd_path = true;
    EXPECT_FALSE(aim_at_forge(odd));
}

}  // namespace
}  // namespace patd
