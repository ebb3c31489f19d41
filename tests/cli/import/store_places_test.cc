// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/store_places.h"

#include "tests/cli/git_home.h"

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

class StorePlaces : public GitHome {
  protected:
    StorePlaces() {
        std::ofstream(home_ / ".git-credentials")
            << "https://a:hunter2@one.example/team\nhttps://a:hunter3@two.example\nhunter4\n";
        token_.set("targets", Texts{"https://one.example", "https://three.example"});
    }

    client::Dictionary token_;
    const ConfigLine store_ = {"global", "file:/x", "credential.helper", "store"};
};

TEST_F(StorePlaces, AreThoseOfTheFileThatNoTokenCovers) {
    EXPECT_EQ(tell_of_store({store_}, {token_}),
              Texts{"'store' has secrets for 1 place for which patd has no token: "
                    "https://two.example. To bring them in:\n    patctl import --from '" +
                    (home_ / ".git-credentials").string() + "'"});
    ConfigLine cache = store_;
    cache.value = "cache";
    EXPECT_TRUE(tell_of_store({cache}, {}).empty());
    token_.set("targets", Texts{"https://one.example", "https://two.example"});
    EXPECT_TRUE(tell_of_store({store_}, {token_}).empty());
    std::filesystem::remove(home_ / ".git-credentials");
    EXPECT_TRUE(tell_of_store({store_}, {}).empty());
}

}  // namespace
}  // namespace patd::cli
