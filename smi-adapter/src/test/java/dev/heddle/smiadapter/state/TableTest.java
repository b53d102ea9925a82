package dev.heddle.smiadapter.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Finds objects by what they refer to, after whatever changes. */
class TableTest {

  private record Book(String author, List<String> subjects) {}

  private static final Reference<Book, String> AUTHOR = Reference.toOne(Book::author);
  private static final Reference<Book, String> SUBJECT =
      Reference.toAny(book -> book.subjects().stream());
  private static final Table<String, Book> EMPTY = Table.of(List.of(AUTHOR, SUBJECT));

  @Test
  void findsWhatRefersToSomethingOrderedByName() {
    Book first = new Book("Ada", List.of("looms"));
    Book second = new Book("Ada", List.of("looms", "engines", "looms"));
    Table<String, Book> table =
        EMPTY.with("2", second).with("1", first).with("3", new Book("Joseph", List.of()));

    assertThat(table.referring(AUTHOR, "Ada")).containsExactly(first, second);
    assertThat(table.referring(SUBJECT, "engines")).containsExactly(second);
    assertThat(table.referring(SUBJECT, "cards")).isEmpty();
  }

  @Test
  void isTheSameTableWhenNothingIsNew() {
    Table<String, Book> table = EMPTY.with("1", new Book("Ada", List.of("looms")));

    assertThat(table.with("1", new Book("Ada", List.of("looms")))).isSameAs(table);
    assertThat(table.with("2", null)).isSameAs(table);
  }

  @Test
  void leavesTheTableBeforeAsItWas() {
    Book book = new Book("Ada", List.of("looms"));
    Table<String, Book> before = EMPTY.with("1", book);
    before.with("1", new Book("Joseph", List.of("cards"))).with("1", null);

    assertThat(before.get("1")).contains(book);
    assertThat(before.referring(AUTHOR, "Ada")).containsExactly(book);
    assertThat(before.referring(AUTHOR, "Joseph")).isEmpty();
  }

  @Test
  void keepsNothingOfWhatIsGone() {
    Table<String, Book> table = EMPTY;
    for (int i = 0; i < 10; i++) {
      table = table.with("book " + i, new Book("author " + i, List.of("subject " + i)));
    }
    for (int i = 0; i < 10; i++) {
      table = table.with("book " + i, null);
    }

    assertThat(table.all()).isEmpty();
    assertThat(table.referredTo()).isZero();
  }

  @Test
  void knowsOnlyTheReferencesThatItWasMadeWith() {
    Table<String, Book> table = Table.of(List.of(AUTHOR));

    assertThatIllegalArgumentException().isThrownBy(() -> table.referring(SUBJECT, "looms"));
  }

  @Test
  void findsWhatALookAtEveryObjectFinds() {
    Random random = new Random(7);
    Map<String, Book> expected = new TreeMap<>();
    Table<String, Book> table = EMPTY;
    for (int change = 0; change < 2_000; change++) {
      String name = "book " + random.nextInt(20);
      if (random.nextInt(4) == 0) {
        expected.remove(name);
        table = table.with(name, null);
      } else {
        Book book =
            new Book(
                "author " + random.nextInt(5),
                random.ints(random.nextInt(4), 0, 6).mapToObj(each -> "subject " + each).toList());
        expected.put(name, book);
        table = table.with(name, book);
      }
      String author = "author " + random.nextInt(5);
      String subject = "subject " + random.nextInt(6);

      assertThat(table.all()).containsExactlyInAnyOrderElementsOf(expected.values());
      assertThat(table.referring(AUTHOR, author))
          .containsExactlyElementsOf(
              expected.values().stream().filter(book -> book.author().equals(author)).toList());
      assertThat(table.referring(SUBJECT, subject))
          .containsExactlyElementsOf(
              expected.values().stream()
                  .filter(book -> book.subjects().contains(subject))
                  .toList());
    }
  }
}
