// SPDX-License-Identifier: MIT
#include "engine/base/names.h"

#include <QTest>

using namespace depthscope;

namespace {

enum class Fruit { Apple, Pear, Plum };

constexpr NameTable<Fruit, 2> kFruits{{{{Fruit::Apple, "apple"}, {Fruit::Pear, "pear"}}}};

static_assert(std::string_view(kFruits.nameOf(Fruit::Pear)) == "pear");

} // namespace

class TestNames : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void valuesHaveNamesAndNamesValues() {
        QCOMPARE(std::string(kFruits.nameOf(Fruit::Apple)), std::string("apple"));
        QVERIFY(kFruits.valueOf("pear") == Fruit::Pear);
        QVERIFY(!kFruits.valueOf("Pear"));
        QVERIFY(!kFruits.valueOf(""));
        QCOMPARE(std::string(kFruits.nameOf(Fruit::Plum)), std::string("?"));
    }

    void theListIsInTheOrderOfTheTable() {
        QCOMPARE(kFruits.list(), std::string("apple, pear"));
        QCOMPARE(kFruits.names(), (std::vector<std::string_view>{"apple", "pear"}));
    }
};

QTEST_APPLESS_MAIN(TestNames)
#include "tst_names.moc"
