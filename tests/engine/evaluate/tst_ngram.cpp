// SPDX-License-Identifier: MIT
// The 3-gram model: a distribution in every context, equal to Kneser-Ney written out by hand,
// better than chance.
#include "engine/base/random.h"
#include "engine/data/graded.h"
#include "engine/evaluate/ngram.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <cmath>
#include <map>
#include <set>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using evaluate::NgramModel;

namespace {

using Ids = std::vector<std::int32_t>;

Ids randomIds(std::uint64_t seed, std::size_t count, std::uint32_t vocabulary) {
    SplitMix random(seed);
    Ids ids;
    for (std::size_t i = 0; i < count; ++i) {
        // Skewed and dependent, so that all orders matter.
        const std::uint32_t last = ids.empty() ? 0 : static_cast<std::uint32_t>(ids.back());
        ids.push_back(static_cast<std::int32_t>(random.below(3) == 0
                                                    ? (last + 1) % vocabulary
                                                    : random.below(1 + random.below(vocabulary))));
    }
    return ids;
}

/// Kneser-Ney by the definition: sets and maps, nothing shared with the model.
class Reference {
public:
    Reference(const Ids& ids, int vocabulary)
        : m_vocabulary(vocabulary) {
        for (std::size_t i = 2; i < ids.size(); ++i) {
            ++m_three[{ids[i - 2], ids[i - 1], ids[i]}];
        }
        for (const auto& [gram, count] : m_three) {
            ++m_two[{gram[1], gram[2]}];
        }
        for (const auto& [gram, count] : m_two) {
            ++m_one[{gram[1]}];
        }
    }

    double probability(Ids context, int id) const {
        const std::map<Ids, int>& grams = context.size() == 2   ? m_three
                                          : context.size() == 1 ? m_two
                                                                : m_one;
        double lower = 1.0 / m_vocabulary;
        if (!context.empty()) {
            lower = probability(Ids(context.begin() + 1, context.end()), id);
        }
        double n1 = 0;
        double n2 = 0;
        double total = 0;
        double kinds = 0;
        double count = 0;
        for (const auto& [gram, c] : grams) {
            n1 += c == 1;
            n2 += c == 2;
            if (Ids(gram.begin(), gram.end() - 1) == context) {
                total += c;
                kinds += 1;
                count = gram.back() == id ? c : count;
            }
        }
        const double discount = n1 > 0 && n2 > 0 ? n1 / (n1 + 2 * n2) : 0.5;
        return total == 0
                   ? lower
                   : std::max(count - discount, 0.0) / total + discount * kinds / total * lower;
    }

private:
    int m_vocabulary;
    std::map<Ids, int> m_three;
    std::map<Ids, int> m_two;
    std::map<Ids, int> m_one;
};

} // namespace

class TestNgram : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sumsToOne();
    void sameAsByHand();
    void nll();
    void learns();
    void refused();
};

void TestNgram::sumsToOne() {
    for (const std::size_t length : {std::size_t{3}, std::size_t{10}, std::size_t{500}}) {
        const NgramModel model = NgramModel::fit(randomIds(length, length, 5), 6);
        std::vector<Ids> contexts{{}};
        for (int a = 0; a < 6; ++a) {
            contexts.push_back({a});
            for (int b = 0; b < 6; ++b) {
                contexts.push_back({a, b});
            }
        }
        for (const Ids& context : contexts) {
            double sum = 0;
            for (int id = 0; id < 6; ++id) {
                const double p = model.probability(context, id);
                QVERIFY(p > 0 && p <= 1);
                sum += p;
            }
            QVERIFY(std::abs(sum - 1) < 1e-12);
        }
    }
}

void TestNgram::sameAsByHand() {
    const Ids ids = randomIds(2, 300, 6);
    const NgramModel model = NgramModel::fit(ids, 6);
    const Reference reference(ids, 6);
    for (int a = 0; a < 6; ++a) {
        for (int b = 0; b < 6; ++b) {
            for (int id = 0; id < 6; ++id) {
                const double expected = reference.probability({a, b}, id);
                QVERIFY(std::abs(model.probability(Ids{a, b}, id) - expected) < 1e-12);
                QVERIFY(std::abs(model.probability(Ids{5, 5, a, b}, id) - expected) < 1e-12);
            }
        }
    }
}

void TestNgram::nll() {
    const NgramModel model = NgramModel::fit(randomIds(3, 200, 4), 4);
    const Ids text{1, 2, 0, 3};
    const double expected =
        -(std::log(model.probability(Ids{1}, 2)) + std::log(model.probability(Ids{1, 2}, 0)) +
          std::log(model.probability(Ids{2, 0}, 3))) /
        3;
    QVERIFY(std::abs(model.meanNll(text) - expected) < 1e-12);
    QVERIFY(std::isnan(model.meanNll(Ids{1})));
}

void TestNgram::learns() {
    ClassedText train;
    ClassedText test;
    GradedGenerator(1, kAllClasses).appendTo(train, 200'000);
    GradedGenerator(2, kAllClasses).appendTo(test, 20'000);
    const auto idsOf = [](const ClassedText& text) {
        return Ids(text.text.begin(), text.text.end());
    };
    const NgramModel model = NgramModel::fit(idsOf(train), 256);
    // Letters drawn at random cost ln 26 = 3.26; most of the text is easier.
    QVERIFY(model.meanNll(idsOf(test)) < 2.0);
    QVERIFY(model.meanNll(idsOf(train)) < model.meanNll(idsOf(test)));
}

void TestNgram::refused() {
    const auto message = [](const Ids& ids, int vocabulary) {
        return errorOf(ErrorCode::BadInput, [&] { (void)NgramModel::fit(ids, vocabulary); });
    };
    QVERIFY(message({0, 1}, 2).starts_with("n-gram model: needs at least three"));
    QVERIFY(message({0, 1, 2}, 2).find("id 2") != std::string::npos);
    QVERIFY(message({0, -1, 1}, 2).find("id -1") != std::string::npos);
    QVERIFY(message({0, 1, 0}, 0).find("vocabulary of 0") != std::string::npos);
    QVERIFY(message({0, 1, 0}, 3'000'000).find("3000000") != std::string::npos);
    const NgramModel model = NgramModel::fit(Ids{0, 1, 0}, 2);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)model.meanNll(Ids{0, 7});
            }).find("id 7") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestNgram)
#include "tst_ngram.moc"
