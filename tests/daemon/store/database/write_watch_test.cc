// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/write_watch.h"

#include "tests/daemon/store/store_fixture.h"

namespace patd::store::test {
namespace {

constexpr char kWatchedInsert[] = "INSERT INTO note (name, at) VALUES ('a', 1), ('b', 2)";
constexpr char kWatchedReplace[] = "INSERT OR REPLACE INTO note (name, at) VALUES ('b', 3)";
constexpr char kWatchedUpdate[] = "UPDATE note SET at = at + 10";
constexpr char kWatchedDelete[] = "DELETE FROM note";
constexpr char kWatchedOwner[] = "INSERT INTO owner (owner, locked, mac) VALUES (7, 1, x'0102')";

class RecordingWatch final : public WriteWatch {
  public:
    void on_row(std::string_view table, const RowSide* before, const RowSide* after) override {
        seen += std::string(table) + side(before) + side(after) + "; ";
        if (table == "owner") {
            EXPECT_EQ(after->blob(2).size(), 2U);
            EXPECT_TRUE(after->text(2).empty() && after->blob(0).empty());
            EXPECT_EQ(after->integer(2), 0);
            EXPECT_EQ(after->integer(9), 0);
        }
    }
    Result<void> complete(Connection&) override {
        seen += "complete; ";
        return answer;
    }
    void ended(bool committed) override { seen += committed ? "kept" : "dropped"; }

    std::string seen;
    Result<void> answer;

  private:
    static std::string side(const RowSide* row) {
        if (row == nullptr)
            return " -";
        return " " + std::string(row->text(0)) + std::to_string(row->integer(1));
    }
};

class WriteWatchTest : public StoreTest {
  protected:
    void SetUp() override {
        open();
        close();
        connection_.emplace(Connection::open_writable(path()).value());
        connection_->execute(kWatchedDelete).value();
        connection_->watch_writes(watch_);
    }
    // What one transaction of these statements passed on.
    std::string run(std::initializer_list<const char*> statements, bool commits = true) {
        watch_->seen.clear();
        {
            Transaction transaction = Transaction::begin_write(*connection_).value();
            for (const char* sql : statements)
                connection_->execute(sql).value();
            if (commits) {
                EXPECT_EQ(transaction.commit().has_value(), watch_->answer.has_value());
            }
        }
        return watch_->seen;
    }

    std::shared_ptr<RecordingWatch> watch_ = std::make_shared<RecordingWatch>();
    std::optional<Connection> connection_;
};

TEST_F(WriteWatchTest, SeesEveryRowThatAnyStatementChanges) {
    EXPECT_EQ(run({kWatchedInsert}), "note - a1; note - b2; complete; kept");
    EXPECT_EQ(run({kWatchedReplace}), "note b2 -; note - b3; complete; kept");
    EXPECT_EQ(run({kWatchedUpdate}), "note a1 a11; note b3 b13; complete; kept");
    EXPECT_EQ(run({kWatchedDelete}), "note a11 -; note b13 -; complete; kept");
    EXPECT_EQ(run({kWatchedOwner}), "owner - 1; complete; kept");
}

TEST_F(WriteWatchTest, KnowsHowATransactionEnded) {
    EXPECT_EQ(run({kWatchedInsert}, false), "note - a1; note - b2; dropped");
    watch_->answer = Errc::RolledBack;
    EXPECT_EQ(run({kWatchedInsert}), "note - a1; note - b2; complete; dropped");
    watch_->answer = {};
    EXPECT_EQ(run({kWatchedInsert}), "note - a1; note - b2; complete; kept");
}

}  // namespace
}  // namespace patd::store::test
