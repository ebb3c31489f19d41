// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <unordered_map>  // its std::erase_if
#include <utility>
#include <vector>

namespace patd::store {

// Tables that nobody looks into any more, and whose entries are freed one by one, because all of
// them would take milliseconds. Their owner bounds what waits here. Thread rule: its owner's.
template <typename Table>
class Aside {
  public:
    // Empties `table`; without memory for that it stays as it is.
    void add(Table& table) {
        if (table.empty())
            return;
        tables_.emplace_back();
        tables_.back().swap(table);
        size_ += tables_.back().size();
    }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    // One entry, which frees itself. There must be one.
    typename Table::node_type take() {
        Table& table = tables_.back();
        typename Table::node_type taken = table.extract(table.begin());
        --size_;
        if (table.empty())
            tables_.pop_back();
        return taken;
    }
    template <typename Predicate>
    void erase_if(const Predicate& predicate) {
        for (Table& table : tables_)
            size_ -= std::erase_if(table, predicate);
        std::erase_if(tables_, [](const Table& table) { return table.empty(); });
    }
    void clear() {
        tables_.clear();
        size_ = 0;
    }

  private:
    std::vector<Table> tables_;  // none is empty
    std::size_t size_ = 0;       // of all
};

}  // namespace patd::store
