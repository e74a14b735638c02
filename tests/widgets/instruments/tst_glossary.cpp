// SPDX-License-Identifier: MIT
// What labels and legends say on hover is what docs/glossary.md says, word for word.
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/glossary.h"

#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// Word and meaning of the page's list, without its marks of emphasis and code.
QHash<QString, QString> pageOf(const QString& file) {
    QHash<QString, QString> words;
    QFile page(file);
    if (!page.open(QIODevice::ReadOnly)) {
        return words;
    }
    const QString all = QString::fromUtf8(page.readAll());
    const QString list = all.mid(all.indexOf(QLatin1String("## All words")));
    static const QRegularExpression marks(QStringLiteral("[*`]"));
    for (const QString& line : list.split(QLatin1Char('\n'))) {
        const QStringList cells = line.split(QStringLiteral(" |"));
        if (line.startsWith(QLatin1String("| ")) && cells.size() > 2) {
            words.insert(cells[0].mid(2).trimmed(), QString(cells[1]).remove(marks).trimmed());
        }
    }
    return words;
}

} // namespace

class TestGlossary : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    void saysWhatThePageSays() {
        const QHash<QString, QString> page =
            pageOf(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/docs/glossary.md"));
        QVERIFY(page.size() > 100);
        for (const Term& term : glossary()) {
            QVERIFY2(page.contains(qt(term.word)), qPrintable(qt(term.word)));
            QCOMPARE(qt(term.meaning), page.value(qt(term.word)));
        }
    }

    void aWordOnce() {
        for (const Term& term : glossary()) {
            QCOMPARE(findTerm(term.word), &term);
        }
        QVERIFY(findTerm("nothing") == nullptr);
        QVERIFY(explained("nothing", m_text).empty());
    }

    /// The heads of the panels and the keys of TEXT and DEPTH answer the pointer.
    void headsAndLegendsExplain() {
        tests::SyntheticRun graded;
        graded.classes = true;
        const trace::RunView run = tests::SyntheticSteps(graded).view();
        trace::TraceView view;
        view.main = &run;
        const auto explains = [&](const char* panel, const char* word) {
            const scene::Scene scene = draw(panel, view, {}, {0, 0, 700, 900});
            return std::ranges::any_of(scene.hits, [&](const scene::Hit& hit) {
                return hit.tip == explained(word, m_text);
            });
        };
        for (const auto& [panel, word] :
             {std::pair("panel.text", "depth"), std::pair("panel.depth", "score"),
              std::pair("panel.router", "active tokens"), std::pair("panel.router", "score"),
              std::pair("panel.router", "class"), std::pair("panel.saved", "saved"),
              std::pair("panel.saved", "nats"), std::pair("panel.kv", "keys and values"),
              std::pair("panel.kv", "KV policy")}) {
            QVERIFY2(explains(panel, word), word);
        }
    }
};

QTEST_APPLESS_MAIN(TestGlossary)
#include "tst_glossary.moc"
