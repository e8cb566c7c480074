// What no public tool measures. Each measure returns sentences, one for each fault; none is good news.
window.measures = (() => {
  const LEAST = 44;
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  const name = (element) => {
    const words = (element.ariaLabel || element.textContent || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const where = element.closest("[class]")?.className || element.parentElement?.tagName;
    return `<${element.tagName.toLowerCase()}> “${words}” in .${where}`;
  };
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    if (box.width <= 1 || box.height <= 1 || box.bottom <= 0) return false;
    return !element.closest(".honeypot, [aria-hidden=true] input");
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);

  // Colour
  const rgba = (colour) => {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = colour;
    dot.fillRect(0, 0, 1, 1);
    return [...dot.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = rgba(colour).map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgba(colour)[3] > 250) return colour;
    }
    return getComputedStyle(document.documentElement).colorScheme.includes("dark") ? "black" : "white";
  };

  // The box that answers to a press: a link's own, or the card's that its ::after covers.
  const pressed = (element) => {
    const cover = getComputedStyle(element, "::after");
    const card = cover.position === "absolute" && cover.inset === "0px" && cover.content !== "none";
    const label = element.matches("input[type=checkbox], input[type=radio]") && element.closest("label");
    return ((card && element.closest(".card, .lead, .row, .line")) || label || element).getBoundingClientRect();
  };
  const inSentence = (element) => {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const block = element.closest("p, li, dd, td, th, blockquote, pre, .text");
    if (!block || element.closest("nav, header, footer, .kicker, .credit, .names, .dateline, .card-meta")) return false;
    return Boolean(element.closest(".text")) || block.textContent.trim().length > element.textContent.trim().length + 10;
  };
  const small = () =>
    all(TARGETS)
      .filter((element) => !inSentence(element) && !element.matches(".skip, .table, iframe"))
      .map((element) => [element, pressed(element)])
      .filter(([, box]) => box.width < LEAST - 0.5 || box.height < LEAST - 0.5)
      .map(([element, box]) => `${name(element)} is ${Math.round(box.width)} × ${Math.round(box.height)} px`);

  const tiny = () =>
    texts()
      .filter(({ element }) => parseFloat(getComputedStyle(element).fontSize) < 14)
      .filter(({ element }) => !element.closest("sub, sup"))
      .map(({ element }) => `${name(element)} is set in ${getComputedStyle(element).fontSize}`);

  // Every run of text that is shown, with the lines it takes.
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    const range = document.createRange();
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (!node.data.trim() || !seen(element) || element.closest("script, option, .skip, iframe")) continue;
      if (getComputedStyle(element).clipPath.startsWith("inset(50%")) continue;
      range.selectNodeContents(node);
      found.push({ element, rects: [...range.getClientRects()].filter((rect) => rect.width > 1) });
    }
    return found;
  };
  const blockOf = (element) => {
    let at = element;
    while (getComputedStyle(at).display.startsWith("inline") && at.parentElement) at = at.parentElement;
    return at;
  };

  const wide = () => {
    const most = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - most;
    if (over <= 0) return [];
    const guilty = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return seen(element) && (box.right > most + 1 || box.left < -1);
    });
    return [`${over} px too wide: ${guilty.slice(-3).map(name).join("; ")}`];
  };
  const cut = () =>
    [...document.body.querySelectorAll("*")]
      .filter((element) => seen(element) && !element.matches("select, input, .table, pre, iframe, svg, svg *"))
      .filter((element) => {
        const style = getComputedStyle(element);
        const across = style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
        const down = style.overflowY !== "visible" && element.scrollHeight > element.clientHeight + 1;
        return (across || down) && element !== document.body && !style.clipPath.startsWith("inset(50%");
      })
      .map((element) => `${name(element)} is cut off`);
  // Two texts on one another. Lines are measured by their middle: tight leading is no overlap.
  const piled = () => {
    const lines = texts().flatMap(({ element, rects }) => {
      const block = blockOf(element);
      return rects.map((rect) => ({ block, element, left: rect.left + 1, right: rect.right - 1, top: rect.top + rect.height * 0.3, bottom: rect.bottom - rect.height * 0.3 }));
    });
    lines.sort((a, b) => a.top - b.top);
    const faults = [];
    for (const [at, one] of lines.entries()) {
      for (let next = at + 1; next < lines.length && lines[next].top < one.bottom; next++) {
        const other = lines[next];
        if (one.block === other.block || one.right <= other.left || other.right <= one.left) continue;
        faults.push(`${name(one.element)} lies on ${name(other.element)}`);
      }
    }
    for (const image of all("img")) {
      const box = image.getBoundingClientRect();
      const under = lines.find((line) => line.left < box.right - 2 && line.right > box.left + 2 && line.top < box.bottom - 2 && line.bottom > box.top + 2);
      if (under) faults.push(`a picture lies on ${name(under.element)}`);
    }
    return faults.slice(0, 5);
  };

  // Focus: the ring's colour against what lies around it. Wants a key to have been pressed, so that rings show.
  const ringless = () => {
    const faults = [];
    const stops = all(TARGETS).filter((element) => element.tabIndex >= 0 && !element.disabled);
    for (const element of [document.querySelector(".skip"), ...stops].filter(Boolean)) {
      element.focus({ preventScroll: true });
      if (document.activeElement !== element) continue;
      const own = getComputedStyle(element);
      const cover = getComputedStyle(element, "::after");
      const ring = [own, cover].find((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
      if (!ring) {
        faults.push(`${name(element)} shows no focus`);
        continue;
      }
      const holder = ring === cover ? element.closest(".card, .lead, .row, .line") : element;
      const around = parseFloat(ring.outlineOffset) >= 0 ? holder.parentElement : holder;
      const least = contrast(ring.outlineColor, ground(around));
      if (least < 3) faults.push(`${name(element)}: its ring has ${least.toFixed(2)}:1`);
      const box = holder.getBoundingClientRect();
      const reach = parseFloat(ring.outlineOffset) + parseFloat(ring.outlineWidth);
      if (box.left - reach < 0 || box.right + reach > document.documentElement.clientWidth) {
        faults.push(`${name(element)}: its ring leaves the window`);
      }
      const onPicture = [...document.images].some((image) => {
        if (!seen(image) || getComputedStyle(image).borderRadius === "50%") return false;
        const at = image.getBoundingClientRect();
        const inner = { left: box.left - reach, right: box.right + reach, top: box.top - reach, bottom: box.bottom + reach };
        const meets = at.left < inner.right && at.right > inner.left && at.top < inner.bottom && at.bottom > inner.top;
        const inside = at.left >= box.left && at.right <= box.right && at.top >= box.top && at.bottom <= box.bottom;
        return meets && !inside && !element.contains(image);
      });
      if (onPicture) faults.push(`${name(element)}: its ring lies on a picture`);
    }
    document.activeElement?.blur();
    return faults;
  };

  // Forced colours: what can be pressed or filled in has an edge, and a link is told apart.
  const edgeless = () =>
    all("button, .pill, input:not([type=checkbox]), select")
      .filter((element) => {
        const style = getComputedStyle(element);
        return parseFloat(style.borderTopWidth) < 1 || contrast(style.borderTopColor, ground(element.parentElement)) < 3;
      })
      .map((element) => `${name(element)} has no edge`)
      .concat(
        all(".text p a, figcaption a")
          .filter((link) => !getComputedStyle(link).textDecorationLine.includes("underline"))
          .map((link) => `${name(link)} is not told apart`),
      );

  // Text on its ground by computed colours; what lies over a picture has no ground to ask for.
  const faint = (least) =>
    texts()
      .filter(({ element }) => !element.closest("mark, .skip"))
      .map(({ element }) => [element, contrast(getComputedStyle(element).color, ground(element))])
      .filter(([, found]) => found < least)
      .map(([element, found]) => `${name(element)} has ${found.toFixed(2)}:1`);

  const printed = () => {
    const kept = all("nav, form, button, input, .band, .tools, .skip").map((element) => `${name(element)} is printed`);
    const grey = texts()
      .filter(({ element }) => contrast(getComputedStyle(element).color, "white") < 20 || rgba(ground(element)).join() !== "255,255,255,255")
      .map(({ element }) => `${name(element)} is not black on white`);
    const silent = all(".text a[href^=http]")
      .filter((link) => !getComputedStyle(link, "::after").content.includes("(attr(href)") && !getComputedStyle(link, "::after").content.includes(link.getAttribute("href")))
      .map((link) => `${name(link)} does not say where it leads`);
    const large = all("img")
      .filter((image) => image.getBoundingClientRect().right > innerWidth || image.getBoundingClientRect().height > 0.9 * innerHeight)
      .map((image) => `${name(image)} is larger than the page`);
    return [...kept, ...grey, ...silent, ...large];
  };

  const moving = () =>
    document
      .getAnimations()
      .filter((animation) => !animation.effect?.target?.matches?.(".again"))
      .map((animation) => `${name(animation.effect.target)} moves`)
      .concat(
        [...document.querySelectorAll("*")]
          .filter((element) => getComputedStyle(element).transitionDuration.split(", ").some((time) => time !== "0s"))
          .map((element) => `${name(element)} has a transition`)
          .slice(0, 3),
      )
      .concat(getComputedStyle(document.documentElement).scrollBehavior === "smooth" ? ["scrolling is smooth"] : []);

  // A style of the reader's own. The policy of our pages forbids <style>, and not this.
  const wear = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  };

  return { faint, printed, small, tiny, wide, cut, piled, ringless, edgeless, moving, wear };
})();
