/** What every request of a page's scripts carries. */
export const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "X-Egide-Fragment": "1" };
