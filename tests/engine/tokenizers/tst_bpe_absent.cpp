// SPDX-License-Identifier: MIT
// A build without Oniguruma says so where a BPE tokenizer is asked for.
#include "engine/tokenizers/bpe.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;

class TestBpeAbsent : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refused();
};

void TestBpeAbsent::refused() {
    const Folder folder;
    const auto file = folder.write("tokenizer.json", "{}");
    for (const std::string& message :
         {errorOf(ErrorCode::Usage, [&] { (void)loadBpe(file); }),
          errorOf(ErrorCode::Usage, [&] { (void)loadTokenizer(folder.path()); }),
          errorOf(ErrorCode::Usage, [&] { (void)trainBpe({}, 300); })}) {
        QVERIFY2(message.find("this build has no BPE tokenizer") != std::string::npos,
                 message.c_str());
    }
}

QTEST_APPLESS_MAIN(TestBpeAbsent)
#include "tst_bpe_absent.moc"
