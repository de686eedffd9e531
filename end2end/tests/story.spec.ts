import { stopHurting } from "../fixtures/demo.ts";
import { tellStory } from "../fixtures/story.ts";
import { LOOKS, test } from "../fixtures/test.ts";

for (const look of LOOKS) {
  test.describe(`the story, ${look.lang} ${look.theme}`, () => {
    test.use({ look });
    test.setTimeout(240_000);

    test.afterEach(async ({ request, stack }) => stopHurting(request, stack));

    test("from signing in to an audit log that proves itself", async ({ page, request, stack }) => {
      await tellStory({ page, request, stack, look });
    });
  });
}
