// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

TEST(Kubectl, AsksForTheServerOfTheClusterOrOfItsArgument) {
    const std::string head =
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{)";
    const std::string with = head + R"("cluster":{"server":"https://kube.example:6443",)" +
                             R"("certificate-authority-data":"eA=="},"interactive":false}})" + "\n";
    const std::string without = head + R"("interactive":false}})" + "\n";
    EXPECT_EQ(Conversation(kKubectl, {}, with).asks(),
              get_request("https://kube.example:6443", "kubectl"));
    EXPECT_EQ(Conversation(kKubectl, {"https://other.example"}, with).asks(),
              get_request("https://other.example", "kubectl"));
    EXPECT_NE(Conversation(kKubectl, {}, without).asks().find("provideClusterInfo"),
              std::string::npos);
    const Conversation get(kKubectl, {"https://kube.example"}, without);
    EXPECT_EQ(get.hears(kExpiring),
              "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
              "\"status\":{\"token\":\"not-a-real-secret\","
              "\"expirationTimestamp\":\"2030-01-01T00:00:00Z\"}}\n");
    EXPECT_EQ(Conversation(kKubectl, {"https://kube.example"}).hears(kPlain),
              "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
              "\"status\":{\"token\":\"not-a-real-secret\"}}\n");
    EXPECT_EQ(Conversation(kKubectl, {"kube://kube.example:6443/a"}, with).asks(),
              get_request("kube://kube.example:6443/a", "kubectl"));
    EXPECT_EQ(Conversation(kKubectl, {}, with).question().before, "kube://");
    for (const char* only : {"http://kube.example", "kube://kube.example"})
        EXPECT_EQ(Conversation(kKubectl, {only}).question().before, "");
    for (const char* bad : {"{", "{}", R"({"kind":"Pod","apiVersion":"v1"})",
                            R"({"kind":"ExecCredential","apiVersion":"v1"})"})
        EXPECT_EQ(Conversation(kKubectl, {"https://h"}, bad).asks(), "MalformedRequest") << bad;
}

}  // namespace
}  // namespace patd::credential_helper
