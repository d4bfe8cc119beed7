# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Looks and movements of the HTML page. It is one file, and asks nobody for anything; without the script everything can still be read."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--ink:#16202c;--soft:#5a6675;--line:#dde2e9;--hover:#f0f3f7;
--bad:#b3261e;--bad-soft:#fbe9e7;--warn:#8a5a00;--warn-fill:#e0a100;--warn-soft:#fdf3d8;--fine:#3f7ea8;--fine-soft:#e6f0f7;--good:#1e7b4b}
@media (prefers-color-scheme:dark){:root{--ground:#11161d;--card:#1a212b;--ink:#e6ebf1;--soft:#9aa7b6;--line:#2d3744;--hover:#222b37;
--bad:#ff8a80;--bad-soft:#43211f;--warn:#f2c14e;--warn-fill:#d9a520;--warn-soft:#3b3017;--fine:#74b3dc;--fine-soft:#1c3344;--good:#6fd39b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:27px;line-height:1.2;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 4px}
p{margin:0}
.soft,caption{color:var(--soft)}
.verdict{font-size:18px;font-weight:600;margin-bottom:2px}
.verdict.bad{color:var(--bad)}.verdict.warn{color:var(--warn)}.verdict.good{color:var(--good)}
section,details.all{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin-top:18px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:20px}
.tile{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--line);border-radius:10px;padding:12px 16px}
.tile b{display:block;font-size:30px;line-height:1.15;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:13.5px}
.tile.bad{border-top-color:var(--bad)}.tile.bad b{color:var(--bad)}
.tile.warn{border-top-color:var(--warn-fill)}.tile.warn b{color:var(--warn)}
.tile.fine{border-top-color:var(--fine)}
.notes{border-left:5px solid var(--bad)}.notes.also{border-left-color:var(--warn-fill)}
.notes ul{margin:6px 0 0;padding-left:20px}
.notes li{overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin-top:10px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;font-size:12.5px;white-space:nowrap}
th[aria-sort]{cursor:pointer}
th[aria-sort=ascending]::after{content:" \\25B2"}th[aria-sort=descending]::after{content:" \\25BC"}
th[aria-sort]:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--fine);outline-offset:2px}
tbody tr:hover{background:var(--hover)}
tbody tr:last-child td{border-bottom:0}
td.name{min-width:170px;max-width:330px;overflow-wrap:anywhere;font-weight:600}
td.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px;min-width:178px;overflow-wrap:anywhere}
td.when,td.number,th.number{white-space:nowrap;font-variant-numeric:tabular-nums}
td.number,th.number{text-align:right}
td.who{min-width:112px;max-width:220px;overflow-wrap:anywhere}
td small{display:block;color:var(--soft);font-weight:400}
.pill{display:inline-block;border-radius:99px;padding:1px 9px;font-size:12.5px;font-weight:600;white-space:nowrap}
.problem{color:var(--bad);background:var(--bad-soft)}.warning{color:var(--warn);background:var(--warn-soft)}
.info{color:var(--soft);background:var(--hover)}
ul.said{min-width:300px;margin:0;padding:0;list-style:none}
ul.said li{margin-bottom:3px;overflow-wrap:anywhere}
ul.said code{font-size:12.5px;font-weight:600}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
svg{display:block;max-width:100%;height:auto}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.f-fine{fill:var(--fine)}.f-warning{fill:var(--warn-fill)}.f-problem{fill:var(--bad)}.f-rest{fill:var(--line)}
.grid{stroke:var(--line);stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;margin-top:8px;color:var(--soft);font-size:13.5px}
.legend svg{display:inline-block;vertical-align:-1px;margin-right:5px}
.life{width:120px;height:8px;margin-top:7px}
.tools{display:none;flex-wrap:wrap;gap:8px;margin-top:10px}
.scripted .tools{display:flex}
input{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:7px;padding:5px 10px;min-width:230px}
button{font:inherit;font-size:13px;color:inherit;background:var(--ground);
border:1px solid var(--line);border-radius:99px;padding:3px 11px;cursor:pointer}
button[aria-pressed=true]{border-color:var(--fine);background:var(--fine-soft)}
summary{cursor:pointer;font-size:18px;font-weight:700}
footer{margin-top:22px;color:var(--soft);font-size:13px}
@media print{body{background:#fff}.tools,details.all{display:none!important}section{break-inside:avoid}}
"""

SCRIPT = """
(function(){
document.documentElement.classList.add('scripted');
function value(cell){return cell.dataset.v===undefined?cell.textContent.trim().toLowerCase():Number(cell.dataset.v)}
function compare(a,b){return a<b?-1:a>b?1:0}
document.querySelectorAll('table.sorted').forEach(function(table){
 var body=table.tBodies[0],heads=Array.prototype.slice.call(table.tHead.rows[0].cells);
 heads.forEach(function(head,place){
  head.setAttribute('aria-sort','none');head.tabIndex=0;
  function sort(){
   var up=head.getAttribute('aria-sort')!=='ascending';
   heads.forEach(function(one){one.setAttribute('aria-sort','none')});
   head.setAttribute('aria-sort',up?'ascending':'descending');
   var rows=Array.prototype.map.call(body.rows,function(row){return [value(row.cells[place]),row]});
   rows.sort(function(a,b){return up?compare(a[0],b[0]):compare(b[0],a[0])});
   rows.forEach(function(pair){body.appendChild(pair[1])});
  }
  head.addEventListener('click',sort);
  head.addEventListener('keydown',function(event){if(event.key==='Enter'||event.key===' '){event.preventDefault();sort()}});
 });
});
document.querySelectorAll('.tools').forEach(function(tools){
 var table=document.getElementById(tools.dataset.table),input=tools.querySelector('input'),count=tools.querySelector('output');
 var buttons=Array.prototype.slice.call(tools.querySelectorAll('button')),code='';
 function filter(){
  var words=input.value.trim().toLowerCase().split(/\\s+/),shown=0;
  Array.prototype.forEach.call(table.tBodies[0].rows,function(row){
   var text=row.textContent.toLowerCase();
   var fits=(!code||(' '+(row.dataset.codes||'')+' ').indexOf(' '+code+' ')>=0)&&words.every(function(word){return text.indexOf(word)>=0});
   row.hidden=!fits;shown+=fits;
  });
  count.textContent=shown+' shown';
 }
 input.addEventListener('input',filter);
 buttons.forEach(function(button){button.addEventListener('click',function(){
  code=code===button.dataset.code?'':button.dataset.code;
  buttons.forEach(function(one){one.setAttribute('aria-pressed',String(one.dataset.code===code))});
  filter();
 })});
});
})();
"""
