// SPDX-License-Identifier: MIT
#include "widgets/lab/job_book.h"

#include <QTest>

using namespace depthscope;
using lab::Activity;
using lab::JobBook;
using lab::JobKind;

class TestJobBook : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void whatWasAskedForIsKnownUntilItEnds() {
        JobBook book;
        QVERIFY(!book.kindOf(3));
        book.add(3, JobKind::Pass);
        book.add(4, JobKind::Pass);
        book.add(5, JobKind::Vanilla);
        QCOMPARE(book.kindOf(3), std::optional(JobKind::Pass));
        QVERIFY(book.has({JobKind::Generate, JobKind::Vanilla}));
        QVERIFY(!book.has({JobKind::Generate}));
        QCOMPARE(book.of({JobKind::Pass}), (std::vector<runtime::JobId>{3, 4}));
        QCOMPARE(book.end(3), std::optional(JobKind::Pass));
        QVERIFY(!book.end(3));
        QCOMPARE(book.of({JobKind::Pass, JobKind::Vanilla}), (std::vector<runtime::JobId>{4, 5}));
    }

    void theCoarsestActivityIsTold() {
        JobBook book;
        QCOMPARE(book.activity(false), Activity::Idle);
        QCOMPARE(book.activity(true), Activity::Routing);
        book.add(1, JobKind::Task);
        QCOMPARE(book.activity(false), Activity::Idle);
        for (const JobKind kind :
             {JobKind::LoadVanilla, JobKind::FullDepth, JobKind::Vanilla, JobKind::Graded}) {
            JobBook one;
            one.add(1, kind);
            QCOMPARE(one.activity(false), Activity::Measuring);
        }
        book.add(2, JobKind::Vanilla);
        QCOMPARE(book.activity(false), Activity::Measuring);
        book.add(3, JobKind::Pass);
        QCOMPARE(book.activity(false), Activity::Routing);
        book.add(4, JobKind::Generate);
        QCOMPARE(book.activity(false), Activity::Generating);
        book.add(5, JobKind::LoadMain);
        QCOMPARE(book.activity(false), Activity::Loading);
    }
};

QTEST_APPLESS_MAIN(TestJobBook)
#include "tst_job_book.moc"
